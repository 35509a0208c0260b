import { FleetError } from '../../protocol/errors.ts';

/** Returns the error for what no hub has written. `afresh` says what whoever moves it away gets. */
export function notWritten(where: string, afresh: string): FleetError {
  return new FleetError('ECONFIG', `${where} is not a file that a hub wrote; move it away ${afresh}`);
}

/** Returns true if what could not be read may be read later, without anybody mending it. */
export function mayBeReadLater(error: unknown): boolean {
  return !(error instanceof FleetError && ['ECONFIG', 'ECLOSED'].includes(error.code));
}
