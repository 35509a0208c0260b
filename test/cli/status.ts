import type { ProcessStatus } from '../../src/protocol/process.ts';

export const COMMIT = '1b8050fcaf8f1b02b9175fcb422644cb67dc8cc5';

/** How a process does that runs well, but for what is given. */
export function makeStatus(more: Partial<ProcessStatus> = {}): ProcessStatus {
  return {
    status: 'running',
    repo: 'webapp',
    commit: COMMIT,
    command: ['node', 'server.js', '8080'],
    restarts: 0,
    lastExit: null,
    pid: 1,
    uptime: 3,
    respawnIn: 0,
    ...more,
  };
}
