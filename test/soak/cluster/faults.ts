import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterFleet } from '../../fixtures/cluster-fleet.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import type { Random } from './random.ts';

const START_WITHIN_MS = 60_000;
const START_AGAIN_MS = 1_000;

const CURRENT_WITHIN_MS = 120_000;
/** How long something is away, or held up. */
const AWAY_MS = { least: 500, most: 8_000 };

/** One fault after the other, each healed after a while: at most one kind of thing lacks at a time, and a majority is there. */
export class Faults {
  readonly done: Record<string, number> = {};

  constructor(
    private readonly fleet: ClusterFleet,
    private readonly random: Random,
    private readonly drones: readonly string[],
  ) {}

  async one(): Promise<void> {
    const { random, fleet } = this;
    const hub = random.pick([...fleet.hubs.keys()]);
    const server = random.pick([1, 2, 3]);
    const drone = random.pick(this.drones);
    const ms = random.between(AWAY_MS.least, AWAY_MS.most);
    const [name, act] = random.pick<[string, () => Promise<void>]>([
      ['kill a hub', () => this.killHub(hub, ms)],
      ['stop a hub', () => this.restartHub(hub)],
      ['pause a hub', () => this.pause(fleet.hubs.get(hub)?.running.pid ?? 0, ms)],
      ['kill an engine', () => this.killServer(server, ms)],
      ['pause an engine', () => this.pauseServer(server, ms)],
      ['kill a drone', () => this.killDrone(drone, ms)],
      ['pause a drone', () => this.pause(fleet.dronesByName.get(drone)?.pid ?? 0, ms)],
    ]);
    this.done[name] = (this.done[name] ?? 0) + 1;
    await act();
  }

  private async killHub(name: string, ms: number): Promise<void> {
    await this.fleet.hubs.get(name)?.running.end('SIGKILL');
    await sleep(ms);
    await this.startHub(name);
  }

  private async restartHub(name: string): Promise<void> {
    await this.fleet.hubs.get(name)?.running.end('SIGTERM');
    await this.startHub(name);
  }

  /** Starts a hub as systemd does: again, if it has found that the engine does not answer. */
  private async startHub(name: string): Promise<void> {
    for (const until = performance.now() + START_WITHIN_MS; ; await sleep(START_AGAIN_MS)) {
      try {
        await this.fleet.clusterHub(name);
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
      }
    }
  }

  private async killServer(n: number, ms: number): Promise<void> {
    await this.serversAreCurrent();
    await this.fleet.nats.kill(n);
    await sleep(ms);
    await this.fleet.nats.restart(n);
  }

  private async pauseServer(n: number, ms: number): Promise<void> {
    await this.serversAreCurrent();
    await this.pause(this.fleet.nats.pid(n), ms);
  }

  /** Until then, there is no majority without any one of them. */
  private async serversAreCurrent(): Promise<void> {
    await eventually(() => this.fleet.nats.areCurrent(), 'all copies are current', CURRENT_WITHIN_MS);
  }

  private async killDrone(name: string, ms: number): Promise<void> {
    await this.fleet.dronesByName.get(name)?.end('SIGKILL');
    await sleep(ms);
    this.fleet.clusterDrone(name);
  }

  private async pause(pid: number, ms: number): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    try {
      await sleep(ms);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }
}
