import * as v from 'valibot';
import type { CallRow, CheckedParamsOf } from './call-table.ts';
import type { HubEvent } from './events.ts';
import * as f from './fetch-words.ts';
import * as l from './log-words.ts';
import * as t from './traffic-words.ts';
import * as s from './words.ts';

const nothing = v.null();
const onDrone = { drone: s.name, id: s.id };
/** The `key` of the call that started the exec; a hub of fleet 1.0 names none. */
const ofExec = { ...onDrone, key: v.optional(v.nullable(s.key), null) };

/** What a hub tells a client without being asked. Each is a notification: it has no answer. */
export const NOTICES = {
  event: () => ({
    params: v.looseObject({
      type: v.string(),
      time: s.milliseconds,
      seq: v.optional(s.count, 0),
    }) as unknown as v.GenericSchema<HubEvent>,
    answer: nothing,
    about: 'Something has happened; see Events.',
  }),
  output: () => ({
    params: v.object({ drone: s.name, ...l.outputPiece }),
    answer: nothing,
    added: ['atLeast', 'marks', 'begun'],
    about: 'In the body, the bytes of a log from `from` up to, but without, `to`.',
  }),
  dropped: () => ({
    params: v.object({ lines: s.count, atLeast: l.atLeast }),
    answer: nothing,
    added: ['atLeast'],
    about: 'How many lines were dropped because this client reads too slowly.',
  }),
  joined: () => ({
    params: v.object({ drone: s.name }),
    answer: nothing,
    about: 'A drone has connected, and may have written logs while it was away.',
  }),
  progress: () => ({
    params: v.object({
      call: v.string(),
      done: s.count,
      total: s.count,
      fetching: v.optional(v.nullable(v.object({ drone: s.name, ...f.fetchState })), null),
    }),
    answer: nothing,
    added: ['fetching'],
    about: 'Progress of a call that takes long. `fetching`: how far the fetch of one drone is.',
  }),
  endpoints: () => ({
    params: v.object({ revision: s.count, apps: t.apps }),
    answer: nothing,
    about: 'The endpoints of some apps have changed: all that each of these has now.',
  }),
  'exec.output': () => ({
    params: v.object({ ...ofExec, stream: s.stream }),
    answer: nothing,
    about: 'Output of an exec, in the body.',
  }),
  'exec.exit': () => ({
    params: v.object({ ...ofExec, ...s.exit }),
    answer: nothing,
    about: 'A process of an exec has ended.',
  }),
  'exec.stdin-ack': () => ({
    params: v.object({ ...ofExec, bytes: s.bytes }),
    answer: nothing,
    about: 'How many bytes of its input the process has taken.',
  }),
} satisfies Record<string, () => CallRow>;

export type NoticeCalls = typeof NOTICES;
export type Notice = keyof NoticeCalls;
/** The parameters of notices, checked. */
export type Notices = { [K in Notice]: CheckedParamsOf<NoticeCalls, K> };
