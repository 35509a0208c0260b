import type { AppTraffic, Endpoint } from '../protocol/endpoints.ts';
import { Backend } from './backend.ts';

/** Says that an instance which was to leave has no requests of this proxy. */
export type Drained = (id: string) => void;

/** All instances that the hub tells of. */
export class Backends {
  private readonly all = new Map<string, Backend>();
  private drained: Drained = () => {};

  constructor(private readonly log: (line: string) => void) {}

  /** Returns the one of an endpoint; undefined if it cannot be reached from here. */
  of(endpoint: Endpoint): Backend | undefined {
    return this.all.get(keyOf(endpoint));
  }

  /** Takes over a new table. Resolves when those that are new have been tried once. */
  async set(apps: Readonly<Record<string, AppTraffic>>, drained: Drained): Promise<void> {
    this.drained = drained;
    const endpoints = Object.values(apps).flatMap((traffic) => traffic.endpoints.filter(hasAddress));
    const current = new Set(endpoints.map(keyOf));
    for (const [key, backend] of this.all) {
      if (current.has(key)) continue;
      this.all.delete(key);
      backend.close();
    }
    await Promise.all(endpoints.map((endpoint) => this.take(endpoint)));
  }

  /** Requests under way, at all of them. */
  get underWay(): number {
    return [...this.all.values()].reduce((sum, { underWay }) => sum + underWay, 0);
  }

  close(): void {
    for (const backend of this.all.values()) {
      backend.close();
      backend.cut();
    }
  }

  private async take(endpoint: Endpoint & { address: string }): Promise<void> {
    const key = keyOf(endpoint);
    const known = this.all.get(key);
    const backend = known ?? new Backend(endpoint, { log: this.log, emptied: (one) => this.emptied(one) });
    this.all.set(key, backend);
    if (endpoint.state === 'leaving') {
      backend.leave(endpoint.drainMs);
      this.emptied(backend);
    } else {
      backend.stay();
      if (!known) await backend.probe();
    }
  }

  private emptied(backend: Backend): void {
    if (backend.isLeaving && backend.underWay === 0) this.drained(backend.endpoint.id);
  }
}

const keyOf = ({ id, address, port }: Endpoint) => `${id} ${address} ${port}`;
const hasAddress = (one: Endpoint): one is Endpoint & { address: string } => one.address !== null;
