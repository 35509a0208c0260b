import * as v from 'valibot';
import { instanceReport } from './app-words.ts';
import * as s from './words.ts';

/** A process as its drone reports it; see process.ts. */
export const processReport = v.pipe(
  v.object({
    id: s.id,
    key: s.key,
    repo: s.name,
    commit: s.commit,
    command: s.command,
    labels: v.optional(s.labels, {}),
    status: s.status,
    restarts: s.count,
    lastExit: s.lastExit,
    uptime: s.milliseconds,
    respawnIn: s.milliseconds,
    pid: v.nullable(s.count),
    port: v.optional(s.port),
    instance: v.optional(instanceReport),
    cpu: v.optional(s.count),
    memory: v.optional(s.bytes),
  }),
  v.title('process report'),
);
