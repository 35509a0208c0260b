import type { CheckedClientParams, ClientCall } from '../../protocol/client-calls.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Principal } from '../access/principal.ts';
import type { EventLog } from './event-log.ts';

/** Characters of a call's parameters; larger ones are left out of its event. */
const MAX_CHARACTERS = 16_384;
const MAX_RESULT_CHARACTERS = 1_000;

/** What is told of a call's parameters: never the environment's values, nor what went to a process's stdin. */
export function describe(params: object): Record<string, unknown> {
  const { env, key, stdin, ...rest } = params as Record<string, unknown>;
  const given = Object.entries(rest).filter(([, value]) => !isEmpty(value));
  return { ...Object.fromEntries(given), ...(env ? { env: Object.keys(env) } : {}) };
}

/** Parameters that were left out. */
function isEmpty(value: unknown): boolean {
  return value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** What came of a call, in a word, or the first thing that went wrong. */
export function outcome(answer: unknown): string {
  const drones = Object.entries((answer as { drones?: Record<string, unknown> } | null)?.drones ?? {});
  for (const [drone, result] of drones) {
    const { error = result } = (result ?? {}) as { error?: unknown };
    const message = (error as { message?: string } | null)?.message;
    if (message) return `${drone}: ${message}`;
  }
  return 'ok';
}

/** Adds a call to the log that was not allowed; its parameters were not looked at. */
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

/** Makes a call, and adds to the log what it was and how it ended. */
export async function recorded<T>(
  events: EventLog,
  { name, address }: Principal,
  call: ClientCall,
  params: CheckedClientParams[ClientCall],
  act: () => Promise<T>,
): Promise<T> {
  const add = (result: string) => {
    const described = describe(params);
    const fits = JSON.stringify(described).length <= MAX_CHARACTERS;
    const core = { call, who: name, address, result: result.slice(0, MAX_RESULT_CHARACTERS) };
    // The parameters cannot pass for who made the call, or when.
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
