import type { InstanceSpec, InstanceState } from '../../protocol/instance.ts';

/** Failures in a row that make an instance that was ready not ready. */
const FAILURES = 3;
/** Between looks until it is ready. */
const FIRST_LOOK_EVERY_MS = 100;

/** What is known of the health of one run of an instance. Times are by performance.now. */
export interface Health {
  readonly state: InstanceState;
  readonly why: string | null;
  /** Failures in a row. */
  readonly failures: number;
  /** Since when it fails; null if it does not. */
  readonly failingSince: number | null;
}

export const UNCHECKED: Health = { state: 'starting', why: null, failures: 0, failingSince: null };

/** Returns what is known after a check; `why` it failed, or null. */
export function afterCheck(health: Health, why: string | null, now: number): Health {
  if (why === null) return { state: 'ready', why: null, failures: 0, failingSince: null };
  const failures = health.failures + 1;
  const failingSince = health.failingSince ?? now;
  if (health.state === 'starting') return { ...health, why, failures, failingSince };
  if (health.state === 'ready' && failures < FAILURES) return { ...health, failures, failingSince };
  const often = failures === FAILURES ? `${why} three times` : why;
  return { state: 'not-ready', why: health.state === 'ready' ? often : why, failures, failingSince };
}

/** Returns true if it has failed for so long that it is to be restarted. */
export function isToRestart({ failingSince, state }: Health, spec: InstanceSpec, now: number): boolean {
  const after = spec.health?.restartAfterMs ?? null;
  return after !== null && state !== 'starting' && failingSince !== null && now - failingSince >= after;
}

/** Returns the milliseconds until the next check. */
export function nextCheckMs({ state }: Health, spec: InstanceSpec): number {
  return state === 'starting' ? FIRST_LOOK_EVERY_MS : (spec.health?.intervalMs ?? FIRST_LOOK_EVERY_MS);
}
