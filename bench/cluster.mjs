import { ClusterFleet } from '../test/fixtures/cluster-fleet.ts';
import { borrowed } from '../test/fixtures/nats.ts';
import { Fleet, ROOT, SECRET } from './fleet.mjs';
import { freePort } from './ports.mjs';
import { cpuSeconds, memory } from './proc.mjs';

const NAMES = ['h1', 'h2', 'h3'];

/** Three hubs that are one, each in its own process, with a real nats-server between them. */
export class Cluster extends Fleet {
  #daemons;
  #monitor;

  constructor(daemons, monitor) {
    super(daemons);
    this.#daemons = daemons;
    this.#monitor = monitor;
  }

  /** Returns null, and says so, if there is no nats-server. */
  static async start(stage) {
    if ('missing' in borrowed) {
      stage.say(`  no cluster without nats-server: ${borrowed.missing}`);
      return null;
    }
    const daemons = await ClusterFleet.open(1);
    stage.later(() => daemons.end());
    const monitor = `127.0.0.1:${await freePort()}`;
    await daemons.nats.kill(1);
    await daemons.nats.restart(1, { http: monitor });
    for (const name of NAMES) (await daemons.clusterHub(name)).running.forget();
    return new Cluster(daemons, monitor);
  }

  /** Those that run. */
  get hubs() {
    return [...this.#daemons.hubs.values()]
      .filter(({ running }) => running.child.exitCode === null && running.child.signalCode === null)
      .map(({ name, port, running }) => ({ name, address: `127.0.0.1:${port}`, pid: running.pid }));
  }

  /** Those of all hubs, as drones and clients take them. */
  get address() {
    return [...this.#daemons.hubs.values()].map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  connectToEach() {
    return Promise.all(this.hubs.map((hub) => this.connectTo(hub)));
  }

  async connectTo({ address }) {
    const { connect } = await import(`${ROOT}dist/index.mjs`);
    return connect({ hub: address, secret: SECRET });
  }

  /** Kills a hub as the kernel does that has no memory left. */
  async kill(name) {
    await this.#daemons.hubs.get(name).running.end('SIGKILL');
  }

  /** Returns what work cost: seconds, cores that each hub and the engine took, and messages a second that went into and out of the engine. */
  async costOf(work) {
    const [before, from] = [await this.#counted(), performance.now()];
    await work();
    const seconds = (performance.now() - from) / 1000;
    const after = await this.#counted();
    const perSecond = Object.entries(before).map(([name, count]) => [name, (after[name] - count) / seconds]);
    return { seconds, ...Object.fromEntries(perSecond) };
  }

  /** Megabytes of the hubs and the engine. */
  memory() {
    return Object.fromEntries(this.#pids().map(([name, pid]) => [name, memory(pid)]));
  }

  async #counted() {
    const { in_msgs: messagesIn, out_msgs: messagesOut } = await (
      await fetch(`http://${this.#monitor}/varz`)
    ).json();
    return {
      ...{ messagesIn, messagesOut },
      ...Object.fromEntries(this.#pids().map(([name, pid]) => [name, cpuSeconds(pid)])),
    };
  }

  #pids() {
    return [...this.hubs.map(({ name, pid }) => [name, pid]), ['engine', this.#daemons.nats.pid(1)]];
  }
}
