import { FleetError } from '../protocol/errors.ts';

/** Returns the number in `v41` or `41`; undefined if nothing was given. Throws EUSAGE. */
export function parseRelease(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^v?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (number !== undefined) return Number(number);
  throw new FleetError('EUSAGE', `'${text}' is not a release; write one as v41: fleet releases shows them`);
}
