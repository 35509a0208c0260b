import * as v from 'valibot';
import * as s from './schema.ts';

const release = { repo: s.name, commit: s.commit };
const spec = { id: s.id, key: s.key, ...release, command: s.command, env: s.env };

/** Every call that a hub may make of a drone, with the shape of its parameters. */
export const ORDERS = {
  deploy: v.strictObject(release),
  spawn: v.strictObject(spec),
  stop: v.strictObject({ ids: s.ids, grace: s.grace }),
  restart: v.strictObject({ ids: s.ids, grace: s.grace }),
  'exec.start': v.strictObject({ ...spec, cwd: v.nullable(s.path), stdin: v.boolean(), window: s.bytes }),
  'exec.stdin': v.strictObject({ id: s.id, end: v.boolean() }),
  'exec.ack': v.strictObject({ id: s.id, bytes: s.bytes }),
  'exec.kill': v.strictObject({ id: s.id, signal: s.signal }),
  watch: s.interest,
  'logs.list': v.strictObject({}),
  'logs.read': v.strictObject({ id: s.id, at: s.logPlace, limit: s.bytes }),
} as const satisfies Record<string, v.GenericSchema>;

export type Order = keyof typeof ORDERS;
export type OrderParams = { [K in Order]: v.InferOutput<(typeof ORDERS)[K]> };

/** What a hub answers to a drone that joins: checked like an order, for it names what git is to fetch. */
export const WELCOME = v.strictObject({
  name: s.name,
  deploy: v.pipe(v.array(v.strictObject(release)), v.maxLength(100_000)),
  watch: s.interest,
});
