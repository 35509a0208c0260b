import type { AppTraffic } from '../protocol/endpoints.ts';
import type { Backend } from './backend.ts';
import { Backends, type Drained } from './backends.ts';
import { pick } from './balancer.ts';
import { type Destination, findDestination, type Routes, routesOf } from './routes.ts';

export type Apps = Readonly<Record<string, AppTraffic>>;

/** Which instance gets which request, as the hub has said last. */
export class Table {
  /** Null before anything is known. */
  private routes: Routes | null = null;
  private answers: ReadonlyMap<string, string> = new Map();
  private readonly backends: Backends;
  private readonly behind = new WeakMap<Destination, readonly Backend[]>();
  private readonly withoutAddress = new Set<string>();

  constructor(private readonly log: (line: string) => void) {
    this.backends = new Backends(log);
  }

  get isKnown(): boolean {
    return this.routes !== null;
  }

  get underWay(): number {
    return this.backends.underWay;
  }

  /**
   * Acts by a new table from now on: what is leaving gets no new requests, and what is new gets some once it was reached.
   * Resolves when all that is new has been tried.
   */
  async set(apps: Apps, drained: Drained): Promise<void> {
    const tried = this.backends.set(apps, drained);
    this.routes = routesOf(apps);
    this.answers = answersOf(apps);
    this.tellOfAddresses(apps);
    await tried;
  }

  /** Returns what an authority wants to see that asks for this token; null if nobody has ordered anything by it. */
  challengeAnswer(token: string): string | null {
    return this.answers.get(token) ?? null;
  }

  find(host: string, path: string): Destination | null {
    return this.routes && findDestination(this.routes, host, path);
  }

  /** Returns the instance that gets a request, other than those that were tried; null if there is none. */
  choose(destination: Destination, tried: ReadonlySet<Backend>): Backend | null {
    const all = this.of(destination);
    return pick(tried.size === 0 ? all : all.filter((one) => !tried.has(one)), Math.random());
  }

  close(): void {
    this.backends.close();
  }

  /** Returns the instances behind a destination, which are the same until there is a new table. */
  private of(destination: Destination): readonly Backend[] {
    const known = this.behind.get(destination);
    if (known) return known;
    const found = destination.endpoints
      .map((one) => this.backends.of(one))
      .filter((one) => one !== undefined);
    this.behind.set(destination, found);
    return found;
  }

  private tellOfAddresses(apps: Apps): void {
    const drones = Object.values(apps).flatMap(({ endpoints }) =>
      endpoints.filter(({ address }) => address === null).map(({ drone }) => drone),
    );
    for (const drone of new Set(drones))
      if (!this.withoutAddress.has(drone)) this.log(`${drone} has no address for others; give it --address`);
    this.withoutAddress.clear();
    for (const drone of drones) this.withoutAddress.add(drone);
  }
}

/** Returns the answers to challenges, by token. */
function answersOf(apps: Apps): Map<string, string> {
  const all = Object.values(apps).flatMap(({ challenges = [] }) => challenges);
  return new Map(all.map(({ token, answer }) => [token, answer]));
}
