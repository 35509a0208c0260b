import type { CheckedClientParams, ClientCall } from '../../protocol/client-calls.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { LastExit } from '../../protocol/process.ts';
import { doerOf, type Principal } from '../access/principal.ts';
import type { CountedDeeds } from './counted-deeds.ts';
import type { EventLog } from './event-log.ts';

/** Limit for a call's parameters; larger ones are left out of its event. */
const MAX_PARAMETER_CHARACTERS = 16_384;
const MAX_RESULT_CHARACTERS = 1_000;

/**
 * Returns the parameters to record for a call: never values of the environment, keys, nor what was sent to a process's stdin.
 */
export function describe(params: object): Record<string, unknown> {
  const { env, key, stdin, chain, privateKey, ...rest } = params as Record<string, unknown>;
  const given = Object.entries(rest).filter(([, value]) => !isEmpty(value));
  return { ...Object.fromEntries(given), ...(env ? { env: Object.keys(env) } : {}) };
}

/** Returns true for a parameter that was left out. */
function isEmpty(value: unknown): boolean {
  return value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Returns the result of a call: `ok`, or the first error. */
export function outcome(answer: unknown): string {
  const drones = Object.entries((answer as { drones?: Record<string, unknown> } | null)?.drones ?? {});
  for (const [drone, result] of drones) {
    const { error = result } = (result ?? {}) as { error?: unknown };
    const message = (error as { message?: string } | null)?.message;
    if (message) return `${drone}: ${message}`;
  }
  return 'ok';
}

/** Counts a call that was not allowed. Its parameters are left out: they are as long as whoever was refused likes. */
export function refused(deeds: CountedDeeds, who: Principal, call: ClientCall, why: unknown): void {
  deeds.add({ call, ...doerOf(who), result: messageOf(why).slice(0, MAX_RESULT_CHARACTERS) });
}

/** True for the error by which a client learns that it has to push first: the call comes again, and is kept then. */
function isForPush(error: unknown): boolean {
  return error instanceof FleetError && error.code === 'ENOCOMMIT';
}

/** True for the error of whoever may not make a call, or may not about this. */
function isRefusal(error: unknown): boolean {
  return error instanceof FleetError && ['EFORBIDDEN', 'EAUTH'].includes(error.code);
}

/** What an entry has beside the parameters, about. */
const OTHER_CHARACTERS = 400;

/** Returns how many characters the entry of a call will have, about. */
export function charactersOf(params: object): number {
  return JSON.stringify(kept(params)).length + OTHER_CHARACTERS;
}

/** Returns what the trail keeps of parameters. */
function kept(params: object): Record<string, unknown> {
  const described = describe(params);
  return JSON.stringify(described).length <= MAX_PARAMETER_CHARACTERS ? described : {};
}

/** Makes a call, and adds it and its result to the log, unless its commit has to be pushed first. */
export async function recorded<T>(
  { events, deeds }: { events: EventLog; deeds: CountedDeeds },
  who: Principal,
  call: ClientCall,
  params: CheckedClientParams[ClientCall],
  act: () => Promise<T>,
): Promise<T> {
  const add = (result: string) => {
    const core = {
      call,
      ...doerOf(who),
      result: result.slice(0, MAX_RESULT_CHARACTERS),
    };
    // Last, so that parameters cannot overwrite who made the call, or when.
    events.add({ ...kept(params), time: undefined, ...core, type: 'called' });
  };
  try {
    const answer = await act();
    add(outcome(answer));
    return answer;
  } catch (error) {
    if (isRefusal(error)) refused(deeds, who, call, error);
    else if (!isForPush(error)) add(messageOf(error));
    throw error;
  }
}

/** Adds how a process of an exec has ended to the log. */
export function execEnded(
  events: EventLog,
  who: Principal,
  of: { call: ClientCall; drone: string; id: string; command: string[] } & Record<string, unknown>,
  { code, signal, error }: LastExit,
): void {
  const result = error ?? (signal === null ? `exited with code ${code}` : `exited from ${signal}`);
  events.add({ ...kept(of), call: of.call, ...doerOf(who), result, type: 'called' });
}
