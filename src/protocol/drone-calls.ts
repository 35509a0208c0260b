import * as v from 'valibot';
import * as s from './schema.ts';

const process = { id: s.id, repo: s.name, commit: s.commit, command: s.command };

const event = v.variant('type', [
  v.strictObject({ type: v.literal('deployed'), repo: s.name, commit: s.commit }),
  v.strictObject({ type: v.literal('spawned'), ...process }),
  v.strictObject({
    type: v.literal('exited'),
    ...process,
    code: s.exitCode,
    signal: s.signal,
    error: v.exactOptional(s.shortText),
  }),
  v.strictObject({ type: v.literal('stopped'), ...process }),
]);

/** Every call that a drone may make of its hub, with the shape of its parameters. */
export const DRONE_CALLS = {
  /** First, and once. `identity` is random and secret: whoever has it is this drone. */
  join: v.strictObject({
    identity: s.key,
    name: s.name,
    processes: v.pipe(v.array(s.processReport), v.maxLength(100_000)),
  }),
  changed: s.processReport,
  gone: v.strictObject({ id: s.id }),
  event,
  output: v.strictObject({
    id: s.id,
    repo: s.name,
    commit: s.commit,
    from: s.bytes,
    to: s.bytes,
    time: s.count,
    dropped: s.count,
  }),
  'exec.output': v.strictObject({
    id: s.id,
    stream: v.picklist(['stdout', 'stderr']),
  }),
  'exec.exit': v.strictObject({
    id: s.id,
    code: s.exitCode,
    signal: s.signal,
    error: v.exactOptional(s.shortText),
  }),
  'exec.stdin-ack': v.strictObject({ id: s.id, bytes: s.bytes }),
} as const satisfies Record<string, v.GenericSchema>;

export type DroneCall = keyof typeof DRONE_CALLS;
export type DroneParams = { [K in DroneCall]: v.InferOutput<(typeof DRONE_CALLS)[K]> };
