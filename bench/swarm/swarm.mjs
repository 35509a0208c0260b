import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fleet, plainEnvironment, ROOT, SECRET } from '../fleet.mjs';

const HOST = fileURLToPath(new URL('host.ts', import.meta.url));
const HOSTS = 8;
export const PROCESSES_EACH = 10;
const PATIENCE = 240_000;

/** A real hub, and any number of simulated drones in a few processes. */
export class Swarm {
  size = 0;
  /** When drones came up, in milliseconds since 1970. */
  ups = [];
  /** The address of the hub at which each drone was last, by name. */
  hubs = new Map();
  /** Drones that have everything that is deployed. */
  #caughtUp = new Set();
  #hosts;
  #dir;

  /** With one hub of its own, from which drones fetch what is deployed. */
  static async start(stage) {
    const fleet = await Fleet.start(stage, { drones: 0 });
    return Swarm.#of(stage, fleet, stage.place('swarm'));
  }

  /** With the hubs of a fleet, whose work alone is measured: drones fetch nothing, and have every commit at once. */
  static async startAt(stage, fleet) {
    return Swarm.#of(stage, fleet, null);
  }

  static #of(stage, fleet, dir) {
    const swarm = new Swarm();
    swarm.fleet = fleet;
    swarm.#dir = dir;
    swarm.#hosts = Array.from({ length: HOSTS }, () => {
      const host = fork(HOST, { execArgv: ['--import', 'tsx'], cwd: ROOT, env: plainEnvironment() });
      host.on('message', (word) => {
        if (word.up) swarm.#noteUp(word);
        else if (word.caughtUp) swarm.#caughtUp.add(word.caughtUp);
        else if (word.failed) stage.say(`a drone of the swarm: ${word.failed}`);
      });
      return host;
    });
    stage.later(() => swarm.end());
    return swarm;
  }

  /** Ends the drones, and waits for that. */
  async end() {
    await Promise.all(
      this.#hosts.map((host) => {
        if (host.exitCode !== null) return undefined;
        if (host.connected) host.disconnect();
        return once(host, 'exit');
      }),
    );
  }

  #noteUp({ up, hub, at }) {
    this.ups.push(at);
    this.hubs.set(up, hub);
  }

  /** How many drones joined in the busiest second since `from`, in milliseconds since 1970. */
  busiest(from) {
    const perSecond = new Map();
    for (const at of this.ups) {
      const second = Math.floor((at - from) / 1000);
      if (second >= 0) perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    return Math.max(...perSecond.values());
  }

  /** Adds drones up to this number, and waits until the hub knows all of them and each has what is deployed. */
  async grow(size) {
    const names = Array.from({ length: size - this.size }, (_, at) => `drone${this.size + at}`);
    const target = { hub: this.fleet.address, secret: SECRET };
    this.#hosts.forEach((host, at) => {
      const some = names.filter((_, index) => index % HOSTS === at);
      host.send({ say: 'grow', target, names: some, dir: this.#dir, processes: PROCESSES_EACH });
    });
    this.size = size;
    // Only then, because `ps` of thousands is work for the hub, too.
    while (this.hubs.size < size) await sleep(100);
    await this.complete();
    while (this.#caughtUp.size < size) await sleep(100);
  }

  /** Waits until `ps` of each hub shows every drone connected, with at least the processes that it began with. */
  async complete() {
    const clients = await this.fleet.connectToEach();
    const left = new Set(clients);
    try {
      for (const until = performance.now() + PATIENCE; performance.now() < until; await sleep(100)) {
        for (const client of left) if (isComplete(await client.ps(), this.size)) left.delete(client);
        if (left.size === 0) return;
      }
    } finally {
      for (const client of clients) client.close();
    }
    throw new Error(`the ${this.size} drones did not connect within ${PATIENCE / 1000} s`);
  }

  /** Makes all drones print for a while; returns the number of lines that they sent, if somebody wanted them. */
  async print(linesPerSecond, seconds) {
    const counts = this.#hosts.map(async (host) => {
      for (;;) {
        const [{ printed }] = await once(host, 'message');
        if (printed !== undefined) return printed;
      }
    });
    for (const host of this.#hosts) host.send({ say: 'print', linesPerSecond, seconds });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }
}

function isComplete(drones, size) {
  const whole = Object.values(drones).filter(
    ({ lost, processes }) => lost === null && Object.keys(processes).length >= PROCESSES_EACH,
  );
  return whole.length === size;
}
