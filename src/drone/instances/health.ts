import type { InstanceSpec, InstanceState } from '../../protocol/instance.ts';

/** Failures in a row that make an instance that was ready not ready. */
const FAILURES = 3;
/** Between looks until it is ready. */
const FIRST_LOOK_EVERY_MS = 100;

/** What is known of the health of one run of an instance. Times are by performance.now. */
export interface Health {
  readonly state: InstanceState;
  /** Why it is not ready; null also while it is ready and fails. */
  readonly why: string | null;
  /** Failures in a row. */
  readonly failures: number;
  /** Why the last check has failed, and how often in a row for that reason. */
  readonly last: { readonly why: string; readonly times: number } | null;
  /** Since when it fails; null if it does not. */
  readonly failingSince: number | null;
  /** No check has said yet that it is ready. */
  readonly isAssumed: boolean;
}

const NOT_FAILING = { why: null, failures: 0, last: null, failingSince: null };

export const UNCHECKED: Health = { state: 'starting', ...NOT_FAILING, isAssumed: true };

/**
 * Returns what is assumed of an instance that has run for so long before anybody looked: one that a previous drone has
 * left is in traffic, and stays there until its first check says otherwise.
 */
export function found({ served, health, stableMs }: InstanceSpec, uptimeMs: number): Health {
  if (!served) return uptimeMs < stableMs ? UNCHECKED : { ...UNCHECKED, state: 'up' };
  return health === null || uptimeMs < health.withinMs ? UNCHECKED : { ...UNCHECKED, state: 'ready' };
}

/** Returns what is known after a check; `why` it failed, or null. */
export function afterCheck(health: Health, why: string | null, now: number): Health {
  if (why === null) return { state: 'ready', ...NOT_FAILING, isAssumed: false };
  const failing: Health = {
    ...health,
    failures: health.failures + 1,
    last: { why, times: health.last?.why === why ? health.last.times + 1 : 1 },
    failingSince: health.failingSince ?? now,
  };
  if (health.state === 'starting') return { ...failing, why };
  if (health.state === 'ready' && failing.failures < FAILURES && !health.isAssumed) return failing;
  return { ...failing, state: 'not-ready', why: oftenText(failing), isAssumed: false };
}

function oftenText({ last }: Health): string | null {
  return last && last.times >= FAILURES ? `${last.why} three times` : (last?.why ?? null);
}

/**
 * Returns true if it has failed for so long that it is to be restarted. One that was never ready may take as long as
 * its service allows.
 */
export function isToRestart({ failingSince, state }: Health, { health }: InstanceSpec, now: number): boolean {
  const after = health?.restartAfterMs ?? null;
  if (health === null || after === null || failingSince === null) return false;
  return now - failingSince >= (state === 'starting' ? Math.max(after, health.withinMs) : after);
}

/** Returns the milliseconds until the next check. */
export function nextCheckMs({ state }: Health, spec: InstanceSpec): number {
  return state === 'starting' ? FIRST_LOOK_EVERY_MS : (spec.health?.intervalMs ?? FIRST_LOOK_EVERY_MS);
}
