import type { AppFile } from '../../app-file/types.ts';
import { FleetError } from '../../protocol/errors.ts';
import { closest } from '../../system/closest.ts';

/** Throws EUSAGE, with what was probably meant, if one of these is not a service of the app. */
export function mustBeServices(
  names: readonly string[],
  { services }: Pick<AppFile, 'services'>,
  app: string,
): void {
  const known = services.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = closest(unknown, known);
  const hint = meant === undefined ? `there are: ${known.join(', ')}` : `did you mean ${meant}?`;
  throw new FleetError('EUSAGE', `${app} has no service ${unknown}; ${hint}`);
}
