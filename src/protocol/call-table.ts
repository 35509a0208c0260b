import type * as v from 'valibot';
import type { Right } from './rights.ts';

/**
 * One call: the shape of its parameters and of its answer, which the receiving end checks, and a line for this folder's
 * README. Calls without an answer have `nothing`.
 */
export interface CallRow {
  params: v.GenericSchema;
  answer: v.GenericSchema;
  /** Parameters that fleet 1.0.0 does not know, and refuses: they are not sent to it. */
  added?: readonly string[];
  about: string;
}

/** A call of a client's: with the right that it takes, and whether it is written to the audit trail. */
export interface ClientCallRow extends CallRow {
  right: Right;
  /** Another right that is enough. */
  orRight?: Right;
  audited: boolean;
  /** Of several hubs, one makes it: whoever is asked passes it on. */
  led?: boolean;
}

/**
 * The rows of some calls, each made when it is first asked for: to make the shapes of all calls would be a tenth of the work
 * of a command, which makes one or two of them.
 */
export type CallTable = Record<string, () => CallRow>;

const made = new WeakMap<() => CallRow, CallRow>();

/** Returns a row of a table, which has it. */
export function rowOf<T extends CallTable, K extends keyof T & string>(table: T, call: K): ReturnType<T[K]> {
  const make = table[call] as () => CallRow;
  const row = made.get(make) ?? make();
  made.set(make, row);
  return row as ReturnType<T[K]>;
}

/** What a caller passes: keys that have a default may be left out. */
export type ParamsOf<T extends CallTable, K extends keyof T> = v.InferInput<ReturnType<T[K]>['params']>;
/** What a handler receives, checked. */
export type CheckedParamsOf<T extends CallTable, K extends keyof T> = v.InferOutput<
  ReturnType<T[K]>['params']
>;
/** What a handler answers. */
export type AnswerOf<T extends CallTable, K extends keyof T> = v.InferInput<ReturnType<T[K]>['answer']>;
/** What a caller gets, checked. */
export type CheckedAnswerOf<T extends CallTable, K extends keyof T> = v.InferOutput<
  ReturnType<T[K]>['answer']
>;
