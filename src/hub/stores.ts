import { readFileSync } from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { isName, toName } from '../protocol/names.ts';
import { Vault } from './apps/vault.ts';
import type { Cluster } from './cluster/cluster.ts';
import { mustBeAlone } from './cluster/membership.ts';
import type { HubOptions } from './options.ts';
import { FileStore } from './store/file-store.ts';
import { SHARED_PREFIXES } from './store/layout.ts';
import type { Store } from './store/store.ts';

/** Where a hub keeps what it remembers. */
export interface Stores {
  /** What is this hub's alone, in its directory. */
  own: Store;
  /** What all hubs of a cluster share; `own` for a hub that is alone. */
  shared: Store;
  /** Null for a hub that is alone. */
  cluster: Cluster | null;
  close(): Promise<void>;
}

/** Throws ECONFIG if the directory belongs to another hub or cluster, or a file cannot be read; ECLUSTER, EDUPLICATE. */
export async function openStores(
  dir: string,
  { cluster: servers, clusterCreds, name, secret }: HubOptions,
  log: (line: string) => void,
): Promise<Stores> {
  const own = new FileStore(dir, log);
  if (servers === undefined) {
    mustBeAlone(dir);
    return { own, shared: own, cluster: null, close: () => own.close() };
  }
  if (name !== undefined && !isName(name))
    throw new FleetError('EUSAGE', `--name=${name} is not a name: letters, digits, - and _`);
  const { Cluster } = await import('./cluster/cluster.ts');
  const vault = new Vault(dir);
  const creds = clusterCreds === undefined ? null : readCreds(clusterCreds);
  const cluster = await Cluster.join(
    { servers, creds, name: name ?? (await machineName()), log },
    { dir, own, kinds: SHARED_PREFIXES, vault, secret: secret === '' ? undefined : secret },
  );
  const close = async () => {
    await cluster.close();
    await own.close();
  };
  return { own, shared: cluster.store, cluster, close };
}

async function machineName(): Promise<string> {
  const { hostname } = await import('node:os');
  return toName(hostname());
}

function readCreds(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
