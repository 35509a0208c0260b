import { fileURLToPath } from 'node:url';
import { RealFleet, SECRET } from '../test/fixtures/real-fleet.ts';
import { run } from './command.mjs';

export { SECRET };
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const FLEET = [process.execPath, `${ROOT}bin/fleet.js`];

/** Returns the environment of another program, without the shell's variables for fleet or git. */
export function plainEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(FLEET|GIT|NODE)_/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** A hub and drones on loopback, each in its own process, started as the tests start them. */
export class Fleet {
  drones = [];
  #daemons;

  constructor(daemons = new RealFleet('all')) {
    this.#daemons = daemons;
  }

  static async start(stage, { drones }) {
    const fleet = new Fleet();
    stage.later(() => fleet.end());
    await fleet.startHub();
    const names = Array.from({ length: drones }, (_, at) => `drone${at + 1}`);
    fleet.drones = await Promise.all(names.map((name) => fleet.#startDrone(name)));
    return fleet;
  }

  /** A hub with a certificate of its own, and no drones; `fingerprint` is that of its key. */
  static async startWithTls(stage) {
    const fleet = new Fleet();
    stage.later(() => fleet.end());
    fleet.hub = await fleet.#daemons.hub('--tls');
    [, fleet.fingerprint] = await fleet.hub.printed(/--fingerprint=(sha256:\w+)/);
    return fleet;
  }

  /** Starts the hub; started again, it takes the same ports. */
  async startHub() {
    this.hub = await this.#daemons.hub();
    this.hub.forget();
  }

  async #startDrone(name) {
    const drone = await this.#daemons.drone(name, '--stop-on-exit');
    drone.forget();
    return drone;
  }

  get port() {
    return this.#daemons.port;
  }

  get gport() {
    return this.#daemons.gport;
  }

  get address() {
    return this.#daemons.address;
  }

  /** Returns the options for running a client command in `cwd`. */
  client(cwd = this.#daemons.dir) {
    return { cwd, env: { ...this.#daemons.env, FLEET_HUB: this.address, FLEET_SECRET: SECRET } };
  }

  /** Runs a client command; returns the milliseconds that it took, and its output. */
  run(args, cwd) {
    return run([...FLEET, ...args], this.client(cwd));
  }

  /** The same through the JavaScript API, for what a row needs but does not measure. */
  async connect() {
    const { connect } = await import(`${ROOT}dist/index.mjs`);
    return connect({ hub: this.address, secret: SECRET });
  }

  /** One client for each hub. */
  async connectToEach() {
    return [await this.connect()];
  }

  end() {
    return this.#daemons.end();
  }
}
