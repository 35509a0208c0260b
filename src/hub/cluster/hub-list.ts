import { hostname } from 'node:os';
import { repositoryNames } from '../../git/repositories.ts';
import type { GitStore } from '../../git/store.ts';
import type { HubEntry } from '../../protocol/answers.ts';
import { toName } from '../../protocol/names.ts';
import { VERSION } from '../../protocol/version.ts';
import type { Leader } from '../apps/leader.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { OtherHub } from './other-hubs.ts';

/** A hub that is slower than this is listed without what only it knows. */
const ANSWER_WITHIN_MS = 3_000;

/** What a hub says of itself. */
interface AboutHub {
  drones: number;
  repositories: number;
  /** Seconds. */
  uptime: number;
  leads: boolean;
}

/** The hub that asks, and where others reach it. */
export interface OwnHub {
  name: string;
  address: string | null;
  directory: Pick<DroneDirectory, 'connected'>;
  store: Pick<GitStore, 'dir'>;
  leader: Pick<Leader, 'isHere'>;
}

/** Returns this hub; one that is alone is called as its machine. Where others reach it is known once it listens. */
export function ownHub(
  name: string | undefined,
  parts: Pick<OwnHub, 'directory' | 'store' | 'leader'>,
): OwnHub {
  return { name: name ?? toName(hostname()), address: null, ...parts };
}

/** Returns the hubs of a cluster, by name. */
export async function hubList(own: OwnHub, others: readonly OtherHub[]): Promise<HubEntry[]> {
  const [about, rest] = await Promise.all([aboutHub(own), Promise.all(others.map(entryOf))]);
  const entry = { name: own.name, version: VERSION, address: own.address, ...about };
  return [entry, ...rest].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns what a hub says of itself. */
export async function aboutHub({
  directory,
  store,
  leader,
}: Pick<OwnHub, 'directory' | 'store' | 'leader'>): Promise<AboutHub> {
  return {
    drones: directory.connected().filter(({ via }) => via === null).length,
    repositories: (await repositoryNames(store)).length,
    uptime: Math.floor(process.uptime()),
    leads: leader.isHere,
  };
}

async function entryOf({ name, version, advertise, calls }: OtherHub): Promise<HubEntry> {
  const known = { name, version, address: advertise };
  try {
    return { ...known, ...(await calls.call('about', {}, { timeout: ANSWER_WITHIN_MS })).result };
  } catch {
    return { ...known, drones: null, repositories: null, uptime: null, leads: null };
  }
}
