import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fleet, plainEnvironment, ROOT, SECRET } from '../fleet.mjs';

const HOST = fileURLToPath(new URL('host.ts', import.meta.url));
const HOSTS = 8;
export const PROCESSES_EACH = 10;
const PATIENCE = 120_000;

/** A real hub, and any number of simulated drones in a few processes. */
export class Swarm {
  size = 0;
  /** When drones came up, in milliseconds since 1970. */
  ups = [];
  /** Drones that have everything that is deployed. */
  #caughtUp = new Set();
  #hosts;
  #dir;

  static async start(stage) {
    const swarm = new Swarm();
    swarm.fleet = await Fleet.start(stage, { drones: 0 });
    swarm.#dir = stage.place('swarm');
    swarm.#hosts = Array.from({ length: HOSTS }, () => {
      const host = fork(HOST, { execArgv: ['--import', 'tsx'], cwd: ROOT, env: plainEnvironment() });
      host.on('message', (word) => {
        if (word.up) swarm.ups.push(word.at);
        else if (word.caughtUp) swarm.#caughtUp.add(word.caughtUp);
        else if (word.failed) stage.say(`a drone of the swarm: ${word.failed}`);
      });
      return host;
    });
    stage.later(() =>
      Promise.all(
        swarm.#hosts.map((host) => {
          if (host.exitCode !== null) return undefined;
          host.disconnect();
          return once(host, 'exit');
        }),
      ),
    );
    return swarm;
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
    await this.complete();
    while (this.#caughtUp.size < size) await sleep(100);
  }

  /** Waits until `ps` shows every drone connected, with at least the processes that it began with. */
  async complete() {
    const client = await this.fleet.connect();
    try {
      for (const until = performance.now() + PATIENCE; performance.now() < until; await sleep(100)) {
        if (isComplete(await client.ps(), this.size)) return;
      }
    } finally {
      client.close();
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
