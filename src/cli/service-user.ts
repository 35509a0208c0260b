import { existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { nameOf } from '../system/state-directory.ts';

/** Whom a service of the system runs as. */
export interface ServiceUser {
  uid: number;
  /** Its name, or the uid if the system has no name for it. */
  name: string;
}

/** What a daemon keeps in its directory, by the name of its command. */
const STATE = { hub: 'hub.json', drone: 'drone.json', proxy: 'endpoints.json' };

export type Daemon = keyof typeof STATE;

/** Returns who owns the state of a daemon in this directory or, if there is none yet, the directory. */
export function ownerOf(dir: string, daemon: Daemon): ServiceUser {
  const state = join(dir, STATE[daemon]);
  const { uid } = statSync(existsSync(state) ? state : dir);
  return { uid, name: nameOf(uid, readFileSync('/etc/passwd', 'utf8')) };
}

/** Throws ECONFIG, with what to do, if the user cannot read a file that the service is started with. */
export function demandReadable(path: string, { uid, name }: ServiceUser, file: Stats = statSync(path)): void {
  const isReadable = uid === 0 || (file.uid === uid ? file.mode & 0o400 : file.mode & 0o044) !== 0;
  if (isReadable) return;
  throw new FleetError(
    'ECONFIG',
    `the service runs as ${name}, who owns its directory, and cannot read ${path}: chown ${name} ${path}`,
  );
}
