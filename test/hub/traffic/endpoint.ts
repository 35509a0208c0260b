import type { Endpoint } from '../../../src/protocol/endpoints.ts';

/** An endpoint that is ready, with what a test says of it. */
export function endpoint(more: Partial<Endpoint> = {}): Endpoint {
  return {
    ...{ app: 'webapp', service: 'web', slot: 1, drone: 'web1', id: '000001', address: '127.0.0.1' },
    ...{ port: 20_000, release: 1, state: 'ready', drainMs: 10_000 },
    routes: [{ host: 'example.com', path: '/' }],
    ...more,
  };
}
