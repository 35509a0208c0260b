import type { DroneParams } from '../protocol/drone-calls.ts';
import { FEATURES } from '../protocol/features.ts';
import type { Fence } from '../protocol/fence.ts';
import type { Lag } from '../protocol/fetch.ts';
import type { JobReport } from '../protocol/instance.ts';
import type { ProcessReport } from '../protocol/process.ts';
import { VERSION } from '../protocol/version.ts';
import { localAddressOf } from '../rpc/local-address.ts';
import type { Peer } from '../rpc/peer.ts';
import type { DroneOptions } from './options.ts';

/** What a drone says about itself at each connection. */
export interface Introduction {
  identity: string;
  name: string;
  labels: Record<string, string>;
  /** Where its instances are reached; null for the address that it reaches the hub from. */
  address: string | null;
  processes: ProcessReport[];
  jobs: JobReport[];
  lags: Lag[];
  /** The highest fence of the orders that it has taken, by app. */
  fences: Record<string, Fence>;
}

/** What a drone reports of itself. */
export interface Reporters {
  identity: { secret: string; name: string };
  instances: { reports(): ProcessReport[] };
  jobs: { reports(): JobReport[] };
  deploys: { lags: Lag[] };
  fences: { highest(): Record<string, Fence> };
}

/** Returns what a drone says about itself now. */
export function introductionOf(
  { identity, instances, jobs, deploys, fences }: Reporters,
  { labels = {}, address }: Pick<DroneOptions, 'labels' | 'address'>,
): Introduction {
  const reports = { processes: instances.reports(), jobs: jobs.reports(), lags: deploys.lags };
  const mine = { identity: identity.secret, name: identity.name, labels, address: address ?? null };
  return { ...mine, ...reports, fences: fences.highest() };
}

/** Returns the parameters of `join` for this hub. `start` is random, and of this start of the drone. */
export function introductionFor(peer: Peer, introduction: Introduction, start: string): DroneParams['join'] {
  const { processes, jobs, ...self } = introduction;
  const reports = processes.map((report) => reportFor(peer, report));
  const address = self.address ?? localAddressOf(peer);
  const mine = { version: VERSION, features: [...FEATURES], start, address };
  return { ...self, processes: reports, ...mine, ...(peer.features.has('apps') ? { jobs } : {}) };
}

/** Returns a report for this hub: one of fleet 1.0 knows only two statuses and no labels. */
export function reportFor({ features }: Peer, report: ProcessReport): ProcessReport {
  if (features.has('open-messages')) return report;
  const { labels, port, instance, cpu, memory, ...known } = report;
  return { ...known, status: report.status === 'respawning' ? 'respawning' : 'running' };
}
