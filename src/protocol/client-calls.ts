import * as v from 'valibot';
import { RIGHTS, type Right } from './rights.ts';
import * as s from './schema.ts';

const release = { repo: s.name, commit: s.commit };
const run = { ...release, command: s.command, env: s.env, drones: v.nullable(s.names) };
const onDrone = { drone: s.name, id: s.id };
const stopping = {
  processes: v.pipe(v.array(v.strictObject({ drone: v.nullable(s.name), id: s.id })), v.maxLength(100_000)),
  grace: s.grace,
};

/**
 * Every call that a client may make of a hub: the right that it takes, and the shape of its parameters.
 * Calls named `exec.*` but for `exec.start` reach only the execs of their own connection.
 */
export const CLIENT_CALLS = {
  drones: { right: 'read', params: v.strictObject({}) },
  ps: { right: 'read', params: v.strictObject({}) },
  deploy: { right: 'deploy', params: v.strictObject({ ...release }) },
  spawn: { right: 'deploy', params: v.strictObject({ key: s.key, ...run }) },
  stop: { right: 'deploy', params: v.strictObject(stopping) },
  restart: { right: 'deploy', params: v.strictObject(stopping) },
  'exec.start': {
    right: 'exec',
    params: v.strictObject({ key: s.key, ...run, cwd: v.nullable(s.path), stdin: v.boolean() }),
  },
  'exec.stdin': {
    right: 'exec',
    params: v.strictObject({ ...onDrone, end: v.boolean() }),
  },
  'exec.ack': { right: 'exec', params: v.strictObject({ ...onDrone, bytes: s.bytes }) },
  'exec.kill': { right: 'exec', params: v.strictObject({ ...onDrone, signal: s.signal }) },
  subscribe: {
    right: 'read',
    params: v.strictObject({
      events: v.boolean(),
      output: v.nullable(s.interest),
      drones: v.nullable(s.names),
    }),
  },
  'logs.list': { right: 'read', params: v.strictObject({ drones: v.nullable(s.names) }) },
  'logs.read': { right: 'read', params: v.strictObject({ ...onDrone, at: s.logPlace, limit: s.bytes }) },
  'token.create': {
    right: 'admin',
    params: v.strictObject({
      name: s.name,
      can: v.pipe(v.array(v.picklist(RIGHTS)), v.minLength(1), v.maxLength(RIGHTS.length)),
      repo: v.nullable(s.name),
      lifetime: v.nullable(s.milliseconds),
    }),
  },
  'token.list': { right: 'admin', params: v.strictObject({}) },
  'token.remove': { right: 'admin', params: v.strictObject({ name: s.name }) },
  audit: { right: 'admin', params: v.strictObject({ count: s.count }) },
} as const satisfies Record<string, { right: Right; params: v.GenericSchema }>;

export type ClientCall = keyof typeof CLIENT_CALLS;
export type ClientParams = { [K in ClientCall]: v.InferOutput<(typeof CLIENT_CALLS)[K]['params']> };
