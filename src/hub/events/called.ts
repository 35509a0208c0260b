import type { CheckedClientParams, ClientCall } from '../../protocol/client-calls.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Principal } from '../access/principal.ts';
import type { EventLog } from './event-log.ts';

/** Limit for a call's parameters; larger ones are left out of its event. */
const MAX_PARAMETER_CHARACTERS = 16_384;
const MAX_RESULT_CHARACTERS = 1_000;

/**
 * Returns the parameters to record for a call: never values of the environment, nor what was sent to a process's stdin.
 */
export function describe(params: object): Record<string, unknown> {
  const { env, key, stdin, ...rest } = params as Record<string, unknown>;
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

/** Adds a call that was not allowed to the log. Its parameters were not checked, so they are left out. */
export function refused(
  events: EventLog,
  { name, address }: Principal,
  call: ClientCall,
  why: unknown,
): void {
  events.add({
    type: 'called',
    call,
    who: name,
    address,
    result: messageOf(why).slice(0, MAX_RESULT_CHARACTERS),
  });
}

/** Makes a call, and adds it and its result to the log. */
export async function recorded<T>(
  events: EventLog,
  { name, address }: Principal,
  call: ClientCall,
  params: CheckedClientParams[ClientCall],
  act: () => Promise<T>,
): Promise<T> {
  const add = (result: string) => {
    const described = describe(params);
    const fits = JSON.stringify(described).length <= MAX_PARAMETER_CHARACTERS;
    const core = { call, who: name, address, result: result.slice(0, MAX_RESULT_CHARACTERS) };
    // Last, so that parameters cannot overwrite who made the call, or when.
    events.add({ ...(fits ? described : {}), time: undefined, ...core, type: 'called' });
  };
  try {
    const answer = await act();
    add(outcome(answer));
    return answer;
  } catch (error) {
    add(messageOf(error));
    throw error;
  }
}
