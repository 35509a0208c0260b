import { FleetError } from '../protocol/errors.ts';

/** Errors that may go away if we dial again. */
const PASSING = new Set(['ECONNECT', 'ECLOSED', 'ETIMEOUT', 'ELIMIT']);

/** Returns true if trying again later may help: nothing answered, or the connection broke. */
export function isPassing(error: unknown): boolean {
  return error instanceof FleetError && PASSING.has(error.code);
}

/** Returns true if nothing listens at the hub's port. */
export function isRefused(error: unknown): boolean {
  return error instanceof FleetError && (error.cause as NodeJS.ErrnoException)?.code === 'ECONNREFUSED';
}
