import * as v from 'valibot';
import * as a from './app-words.ts';
import type { ClientCallRow } from './call-table.ts';
import { record } from './record.ts';
import * as s from './words.ts';

const nothing = v.null();
export const release = { repo: s.name, commit: s.commit };
/** What a client sends to start a process. */
export const run = {
  key: s.key,
  ...release,
  command: s.command,
  env: s.env,
  labels: v.optional(s.labels, {}),
  drones: v.nullable(s.names),
  /** The stage whose environment the process has beneath `env`; null for the app itself. */
  appEnv: v.optional(v.nullable(v.object({ stage: v.nullable(a.stage) })), null),
};
/** How a client is connected to what runs. */
export const streams = { stdin: v.boolean(), terminal: v.optional(v.nullable(s.terminal), null) };
/** For each drone, what was started, or why it was not. */
export const started = v.object({
  drones: record(s.name, v.object({ id: s.id, port: v.exactOptional(s.port), error: v.nullable(s.error) })),
});
/** One process of an exec; clients of fleet 1.0 name it by `id`. */
const ofExec = {
  drone: s.name,
  key: v.optional(v.nullable(s.key), null),
  id: v.optional(v.nullable(s.id), null),
};

/** Execs: `exec.start`, and calls that reach only what the same connection has started. */
export const EXEC_CALLS = {
  'exec.start': () => ({
    right: 'exec',
    audited: true,
    params: v.object({ ...run, cwd: v.nullable(s.path), ...streams }),
    answer: started,
    added: ['labels', 'terminal', 'appEnv'],
    about:
      'Runs a command once, tied to this connection. Its output may come before this answer. With `terminal`, it runs on a terminal of its own, on a single drone.',
  }),
  'exec.stdin': () => ({
    right: 'exec',
    audited: false,
    params: v.object({ ...ofExec, end: v.boolean() }),
    answer: nothing,
    added: ['key'],
    about: 'Input for the process, in the body; `end` closes it. A notification.',
  }),
  'exec.ack': () => ({
    right: 'exec',
    audited: false,
    params: v.object({ ...ofExec, bytes: s.bytes }),
    answer: nothing,
    added: ['key'],
    about: 'How many bytes of output the client has taken. A notification.',
  }),
  'exec.resize': () => ({
    right: 'exec',
    audited: false,
    params: v.object({ drone: s.name, key: s.key, ...s.terminalSize }),
    answer: nothing,
    about: "The client's window has another size. A notification.",
  }),
  'exec.kill': () => ({
    right: 'exec',
    audited: false,
    params: v.object({ ...ofExec, signal: s.signal }),
    answer: nothing,
    added: ['key'],
    about: 'Sends a signal to the process group; null ends it with SIGTERM, then SIGKILL.',
  }),
} satisfies Record<string, () => ClientCallRow>;
