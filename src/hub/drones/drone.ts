import type { FleetError } from '../../protocol/errors.ts';
import type { PeerFeatures } from '../../protocol/features.ts';
import type { Fence } from '../../protocol/fence.ts';
import type { Lag } from '../../protocol/fetch.ts';
import type { JobReport } from '../../protocol/instance.ts';
import { ORDERS, type Orders } from '../../protocol/orders.ts';
import type { ProcessReport, ProcessStatus } from '../../protocol/process.ts';
import { Caller } from '../../rpc/calls.ts';
import type { Peer } from '../../rpc/peer.ts';
import type { MachineUse } from '../../system/machine.ts';

/** A process as its drone last reported it, and when (performance.now, so that clock changes don't matter). */
export interface KnownProcess {
  report: ProcessReport;
  at: number;
}

/** Why a connection ends that its drone has left behind. */
export const REPLACED = 4001;

/** One connection of a drone. */
export interface DroneConnection {
  readonly orders: Caller<Orders>;
  readonly features: PeerFeatures;
  /** Resolves, and never rejects, when the connection ends. */
  readonly gone: Promise<FleetError>;
  end(code: number, reason: string): void;
}

/** A drone as the rest of the hub sees it: connected, or lost some time ago. */
export interface Drone {
  readonly name: string;
  /** Null while it is lost. */
  readonly connection: DroneConnection | null;
  /** Seconds since it was lost; null while it is connected. */
  readonly lost: number | null;
  readonly version: string;
  /** Where its instances are reached; null before it has connected. */
  readonly address: string | null;
  /** True if it was connected when the hub last ran and has not come back. */
  readonly awaited: boolean;
  readonly processes: ReadonlyMap<string, KnownProcess>;
  readonly jobs: { get(key: string): JobReport | undefined };
  readonly labels: Record<string, string>;
  /** How busy its machine is; null if that is not known, as while it is lost. */
  readonly machine: MachineUse | null;
  /** What it lacks because a deploy has failed. */
  readonly lags: readonly Lag[];
  /** The highest fence of the orders that it had taken when it joined, by app. */
  readonly fences: Readonly<Record<string, Fence>>;
}

/** Returns the connection of a drone that is connected to this hub. */
export function connectionOf(peer: Peer, features: PeerFeatures): DroneConnection {
  return {
    orders: new Caller(peer, ORDERS, 'the drone'),
    features,
    gone: peer.closed,
    end: (code, reason) => peer.close(code, reason),
  };
}

/** Returns the status now, some time after it was reported. */
export function statusNow({ report, at }: KnownProcess, now = performance.now()): ProcessStatus {
  const { repo, commit, command, status, restarts, lastExit, pid, port, instance, cpu, memory } = report;
  const age = now - at;
  const isWaiting = status === 'respawning';
  const uptime = isWaiting ? 0 : Math.floor((report.uptime + age) / 1000);
  const respawnIn = isWaiting ? Math.max(0, Math.ceil((report.respawnIn - age) / 1000)) : 0;
  return {
    status,
    repo,
    commit,
    command,
    restarts,
    lastExit,
    pid,
    uptime,
    respawnIn,
    app: instance?.app ?? null,
    service: instance?.service ?? null,
    slot: instance?.slot ?? null,
    release: instance?.release ?? null,
    port: (instance ? instance.port : port) ?? null,
    state: instance?.state ?? null,
    cpu: cpu ?? null,
    memory: memory ?? null,
  };
}
