import { join, resolve } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { hubsOf } from '../protocol/hub-list.ts';
import { isName } from '../protocol/names.ts';
import { makeDirectory } from '../system/json-file.ts';
import { acquireLock } from '../system/lock.ts';
import { Reserve } from '../system/reserve.ts';
import { demandSound } from '../system/state-directory.ts';
import { removeUnfinished } from '../system/write-whole.ts';
import { RunningDrone } from './drone.ts';
import type { Drone, DroneOptions } from './options.ts';

/** What is in a drone's directory, as far as it is the drone's alone. */
const STATE_FOLDERS = ['run', 'job', 'exec', 'release', 'repos', 'deploy', 'log', 'reserve'];

/**
 * Starts a drone in its directory: adopts the processes that run there, then dials its hub until it answers. Throws
 * EINUSE if another drone runs in this directory, EIO, ECONFIG, EUSAGE.
 */
export async function createDrone(options: DroneOptions): Promise<Drone> {
  hubsOf(options);
  if (options.name !== undefined && !isName(options.name)) {
    throw new FleetError(
      'EUSAGE',
      `'${options.name}' cannot name a drone: letters, digits, '.', '_' and '-' only`,
    );
  }
  const dir = resolve(options.dir ?? '.');
  // The user of an app has to get to its checkout.
  makeDirectory(dir, 0o711);
  demandSound(dir, { what: 'the drone', file: 'drone.json', folders: STATE_FOLDERS });
  const lock = await acquireLock(join(dir, 'drone.lock'), 'a drone');
  if (lock.problem !== null) (options.problem ?? options.log)?.(lock.problem);
  removeUnfinished(dir);
  const reserve = new Reserve(dir, (line) => (options.problem ?? options.log)?.(line));
  const release = () => {
    reserve.close();
    lock.release();
  };
  try {
    const worker = new RunningDrone(dir, options, release);
    worker.start();
    return worker;
  } catch (error) {
    release();
    throw error;
  }
}
