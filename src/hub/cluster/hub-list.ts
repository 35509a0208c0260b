import { hostname } from 'node:os';
import { repositoryNames } from '../../git/repositories.ts';
import type { GitStore } from '../../git/store.ts';
import type { HubEntry } from '../../protocol/answers.ts';
import { toName } from '../../protocol/names.ts';
import { VERSION } from '../../protocol/version.ts';
import type { Leader } from '../apps/leader.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { CutOff } from './cut-off.ts';
import type { OtherHub } from './other-hubs.ts';

/** A hub that is slower than this is listed without what only it knows. */
const ANSWER_WITHIN_MS = 3_000;

const ALONE = { others: [], cutOff: [] };
/** What is not known of a hub that has not answered. */
const UNKNOWN = { drones: null, repositories: null, uptime: null, leads: null, problem: null };

/** What a hub says of itself. */
interface AboutHub {
  drones: number;
  repositories: number;
  /** Seconds. */
  uptime: number;
  leads: boolean;
  /** Why it does not reach the engine; null if it does. */
  problem: string | null;
}

/** The hub that asks, and where others reach it. */
export interface OwnHub {
  name: string;
  address: string | null;
  directory: Pick<DroneDirectory, 'connected'>;
  store: Pick<GitStore, 'dir'>;
  leader: Pick<Leader, 'isHere'>;
  /** Null for a hub that is alone. */
  engine: { readonly problem: string | null } | null;
}

/** Returns this hub; one that is alone is called as its machine. Where others reach it is known once it listens. */
export function ownHub(
  cluster: { readonly name: string; readonly problem: string | null } | null,
  parts: Pick<OwnHub, 'directory' | 'store' | 'leader'>,
): OwnHub {
  return { name: cluster?.name ?? toName(hostname()), address: null, engine: cluster, ...parts };
}

/** Returns the hubs of a cluster, by name; and those that this one is cut off from. */
export async function hubList(
  own: OwnHub,
  { others, cutOff }: { others: readonly OtherHub[]; cutOff: readonly CutOff[] } = ALONE,
): Promise<HubEntry[]> {
  const [about, rest] = await Promise.all([aboutHub(own), Promise.all(others.map(entryOf))]);
  const entry = { name: own.name, version: VERSION, address: own.address, ...about, lost: null };
  const linked = new Set([own.name, ...others.map(({ name }) => name)]);
  const away = cutOff.filter(({ hub }) => !linked.has(hub.name)).map(cutOffEntry);
  return [entry, ...rest, ...away].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns what a hub says of itself. */
export async function aboutHub({
  directory,
  store,
  leader,
  engine,
}: Pick<OwnHub, 'directory' | 'store' | 'leader' | 'engine'>): Promise<AboutHub> {
  return {
    drones: directory.connected().filter(({ via }) => via === null).length,
    repositories: (await repositoryNames(store)).length,
    uptime: Math.floor(process.uptime()),
    leads: leader.isHere,
    problem: engine?.problem ?? null,
  };
}

async function entryOf({ name, version, advertise, calls }: OtherHub): Promise<HubEntry> {
  const known = { name, version, address: advertise, lost: null };
  try {
    return { ...known, ...(await calls.call('about', {}, { timeout: ANSWER_WITHIN_MS })).result };
  } catch {
    return { ...known, ...UNKNOWN };
  }
}

function cutOffEntry({ hub: { name, version, advertise }, lostMs }: CutOff): HubEntry {
  return { name, version, address: advertise, ...UNKNOWN, lost: Math.floor(lostMs / 1000) };
}
