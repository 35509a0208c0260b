import type { AppFile } from '../../app-file/types.ts';
import { appName } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { meantText } from '../../system/closest.ts';
import type { Selection } from '../selection.ts';
import type { AppService } from './apps.ts';

/** Throws ENORELEASE, with what was probably meant, if one of these is not a service of the app. */
export function mustBeServices(
  names: readonly string[],
  { services }: { services: readonly Pick<AppFile['services'][number], 'name'>[] },
  app: string,
): void {
  const known = services.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new FleetError('ENORELEASE', `${app} has no service ${unknown}; ${meantText(unknown, known)}`);
}

/** Throws ENORELEASE if a selection names an app that is not known, or a service that the app does not have. */
export function mustBeKnown(
  { apps, parts }: Pick<AppService, 'apps'> & { parts: Pick<AppService['parts'], 'fileOf'> },
  { repo, service, stage }: Pick<Selection, 'repo' | 'service' | 'stage'>,
): void {
  if (repo === null || (service === null && stage === null)) return;
  const { app, world } = apps.get({ repo, stage: stage === '' ? null : stage });
  if (service === null) return;
  const newest = app.releases.at(-1);
  const declared = newest ? parts.fileOf(newest).services : [];
  const running = world.instances.map((one) => ({ name: one.service }));
  mustBeServices([service], { services: [...declared, ...running] }, appName(app));
}
