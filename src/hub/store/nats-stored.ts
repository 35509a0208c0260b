import type { StoredMsg } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { FleetError } from '../../protocol/errors.ts';

const OPERATION = 'KV-Operation';

export const EMPTY = Buffer.alloc(0);

/** What is stored under a key; `data` is null if it was removed. */
export interface Stored {
  key: string;
  data: Buffer | null;
  revision: number;
}

/** Returns the number that a key must have for a change of what was seen. Throws ECONFLICT if it has changed since. */
export function expected(key: string, current: StoredMsg | null, seen: number): number {
  const isThere = current !== null && dataOf(current.header, current.data) !== null;
  if (seen === 0 ? !isThere : isThere && current.seq === seen) return current?.seq ?? 0;
  throw conflict(key);
}

export function conflict(key: string): FleetError {
  return new FleetError('ECONFLICT', `${key} was changed meanwhile; try again`);
}

export function isConflict(error: unknown): boolean {
  return error instanceof FleetError && error.code === 'ECONFLICT';
}

export function operationOf(data: Buffer | null): MsgHdrs {
  const operation = headers();
  if (data === null) operation.set(OPERATION, 'DEL');
  return operation;
}

export function dataOf(given: { get(name: string): string } | undefined, data: Uint8Array): Buffer | null {
  const operation = given?.get(OPERATION) ?? '';
  return operation === 'DEL' || operation === 'PURGE' ? null : Buffer.from(data);
}
