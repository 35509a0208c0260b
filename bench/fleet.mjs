import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';
import { Daemon } from './daemon.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const FLEET = [process.execPath, `${ROOT}bin/fleet.js`];
export const SECRET = 'beepboop';

/** Returns the environment of a command, without the shell's variables for fleet or git. */
export function plainEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(FLEET|GIT|NODE)_/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

let count = 0;

/** A hub and drones on loopback, each in its own process. */
export class Fleet {
  drones = [];

  static async start(stage, { drones }) {
    const fleet = new Fleet();
    fleet.dir = stage.place(`fleet-${++count}`);
    stage.later(() => fleet.end());
    await fleet.startHub(0, 0);
    await Promise.all(Array.from({ length: drones }, (_, at) => fleet.startDrone(`drone${at + 1}`)));
    return fleet;
  }

  async startHub(port, gport) {
    const cwd = `${this.dir}/hub`;
    mkdirSync(cwd, { recursive: true });
    const argv = [...FLEET, 'hub', `--port=${port}`, `--gport=${gport}`, '--host=127.0.0.1'];
    this.hub = new Daemon(argv, { cwd, env: plainEnvironment({ FLEET_SECRET: SECRET }) });
    this.port = Number((await this.hub.says(/control service listening on \S*:(\d+)/))[1]);
    this.gport = Number((await this.hub.says(/git service listening on \S*:(\d+)/))[1]);
  }

  async startDrone(name) {
    const cwd = `${this.dir}/${name}`;
    mkdirSync(cwd, { recursive: true });
    const argv = [...FLEET, 'drone', `--hub=${this.address}`, `--name=${name}`, '--stop-on-exit'];
    const drone = new Daemon(argv, { cwd, env: plainEnvironment({ FLEET_SECRET: SECRET }) });
    this.drones.push(drone);
    await drone.says(/connected to the hub/);
    return drone;
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  /** Returns the options for running a client command in `cwd`. */
  client(cwd = this.dir) {
    return { cwd, env: plainEnvironment({ FLEET_HUB: this.address, FLEET_SECRET: SECRET }) };
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

  async end() {
    await Promise.all(this.drones.map((drone) => drone.end()));
    await this.hub?.end();
  }
}
