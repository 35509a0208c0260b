import type { InstanceSpec } from '../../../src/protocol/instance.ts';

/** An instance of a service that is served and checked by its connection. */
export function instanceSpec(more: Partial<InstanceSpec>): InstanceSpec {
  return {
    ...{ app: 'webapp', service: 'web', slot: 1, release: 1, served: true, port: null },
    health: {
      ...{ path: null, host: 'localhost', command: null },
      ...{ intervalMs: 2000, timeoutMs: 5000, withinMs: 30_000, restartAfterMs: null },
    },
    ...{ stableMs: 5000, stopSignal: 'SIGTERM', graceMs: 5000, memoryBytes: null, maxRestarts: null },
    ...{ dir: null, user: null },
    ...more,
  };
}
