import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Principal } from '../../../src/hub/access/principal.ts';
import { appHandlers } from '../../../src/hub/apps/app-service.ts';
import type { AppService, Apps } from '../../../src/hub/apps/apps.ts';
import type { Leader } from '../../../src/hub/apps/leader.ts';
import { ClusterApps } from '../../../src/hub/cluster/cluster-apps.ts';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { Followers } from '../../../src/hub/traffic/followers.ts';
import type { AppEvent } from '../../../src/protocol/apps.ts';
import type { ClientCall, ClientCalls } from '../../../src/protocol/client-calls.ts';
import type { HubEvent } from '../../../src/protocol/events.ts';
import { HUB_APP_CALLS } from '../../../src/protocol/hub-app-calls.ts';
import { type Handlers, serve } from '../../../src/rpc/calls.ts';
import { LinkedHub } from '../../fixtures/linked-hubs.ts';
import { MemoryEngine } from '../../fixtures/memory-bus.ts';
import { memoryLeases } from '../../fixtures/memory-leases.ts';
import { OWNER } from '../../fixtures/principal.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AppWorld } from '../apps/app-world.ts';

export const APP = { repo: 'webapp', stage: null };
export const GOOD = 'a'.repeat(40);
export const BETTER = 'b'.repeat(40);
const toml = (release: string) => `
[deploy]
release = "node migrate.js"
[services.web]
command = "node server.js ${release}"
count = 3
`;
export const UP = { ...APP, canary: null, rebuild: false, force: false, strict: false, subject: '', wait: 0 };
const LEASE_MS = 1_500;
const NAMES = ['h1', 'h2', 'h3'];

/** Hubs that are linked, share a store and drones, and have one that leads. */
export async function cluster(t: TestContext) {
  const ends: (() => Promise<void>)[] = [];
  // Before the folder is removed: what is done first is what was registered first.
  t.after(async () => {
    for (const end of ends) await end();
  });
  const dir = temporaryFolder(t);
  const world = new AppWorld(dir, { [GOOD]: toml('1'), [BETTER]: toml('2') }, 2);
  const store = new FileStore(dir, assert.fail);
  const [directory, engine, leases] = [world.directory(), new MemoryEngine(), memoryLeases(LEASE_MS)];
  const hubs = await Promise.all(NAMES.map((name) => hub(name)));

  async function hub(name: string) {
    const bucket = leases();
    const lines: string[] = [];
    let handlers: ((other: OtherHub) => Handlers<typeof HUB_APP_CALLS>) | null = null;
    const linked = new LinkedHub(name, engine.connect(), (other, peer) => {
      if (handlers) serve(peer, HUB_APP_CALLS, handlers(other));
    });
    let led: ClusterApps | null = null;
    const joined = await world.join(
      store,
      (events) => {
        const log = (line: string) => lines.push(line);
        led = new ClusterApps({
          serve: (made) => {
            handlers = made;
          },
          ...{ name, bucket, others: linked.links, directory, events, store, log, leaseMs: LEASE_MS },
        });
        return { fences: led.fences, events: led.events };
      },
      directory,
    );
    const all = led as unknown as ClusterApps;
    all.traffic({
      leave: async () => {},
      left: () => {},
      settled: async () => {},
      isUnreached: () => false,
      followers: new Followers(),
    } as never);
    const leader: Leader = all.start(joined.apps as Apps, joined.records);
    const service: AppService = { ...joined, leader };
    const serving = {
      ...{ directory, appService: service },
      handlersOf: (client: Parameters<typeof appHandlers>[1]) =>
        appHandlers(service, client) as unknown as Handlers<ClientCalls>,
    };
    all.serve(serving);
    linked.start();
    const told = () =>
      joined.events.since(0).events.map((event) => event as unknown as AppEvent & Pick<HubEvent, 'seq'>);
    /** Makes a call of a client's at this hub. */
    const call = async (method: ClientCall, params: object, who: Principal = OWNER) => {
      const client = { who, gone: new Promise<never>(() => {}) };
      const here = appHandlers(service, client) as unknown as Record<string, (given: object) => unknown>;
      return (await leader.call(client, method, params, async () => here[method]?.(params))) as {
        release: number;
        seq: number;
      };
    };
    let isEnded = false;
    const end = async () => {
      if (isEnded) return;
      isEnded = true;
      await all.close();
      await service.apps.close();
      await linked.end();
    };
    ends.push(end);
    /** As far as others see it, it is killed: it reaches nobody, and decides nothing. */
    const kill = () => {
      bucket.isAway = true;
      linked.bus.emit('down');
      (linked.bus as ReturnType<MemoryEngine['connect']>).isUp = false;
      void service.apps.close();
    };
    return { name, ...service, events: joined.events, bucket, lines, call, told, end, kill };
  }
  return { world, hubs, engine };
}

export type Hub = Awaited<ReturnType<typeof cluster>>['hubs'][number];

export async function eventually<T>(look: () => T | null | undefined | false, what: string): Promise<T> {
  for (let n = 0; n < 3_000; n++) {
    const found = look();
    if (found) return found;
    await sleep(5);
  }
  throw new Error(`never: ${what}`);
}

export async function roles(hubs: readonly Hub[]): Promise<{ leads: Hub; others: [Hub, Hub] }> {
  const leads = await eventually(() => hubs.find(({ leader }) => leader.isHere), 'a hub leads');
  const [one, two] = hubs.filter((hub) => hub !== leads);
  return { leads, others: [one as Hub, two as Hub] };
}

export const states = (hub: Hub, release: number) =>
  hub.told().flatMap((one) => (one.type === 'release' && one.release === release ? [one.state] : []));
