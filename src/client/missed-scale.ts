import { setTimeout as sleep } from 'node:timers/promises';
import { parseAppName } from '../protocol/app-names.ts';
import type { AppEvent, AppStatus } from '../protocol/apps.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { countsOf } from './missed-end.ts';
import { isPassing } from './passing.ts';

/** Between two looks, whoever leads has time to tell it. */
const LOOK_EVERY_MS = 5_000;

/** What it takes to look at an app: once it has its new counts, and nobody tells, that is the end. */
export interface ScaleLook {
  app: string;
  status(named: { repo: string; stage: string | null }): Promise<AppStatus>;
  /** True if it was told meanwhile, or nobody wants to know. */
  isOver(): boolean;
  lookEveryMs?: number;
}

/**
 * Returns that an app was scaled, as an event that has it, if two looks in a row find it so and nobody has told: the hub that
 * waited for it may have ended. Null if it is over.
 */
export async function missedScale(look: ScaleLook): Promise<AppEvent | null> {
  const { app, status, isOver, lookEveryMs = LOOK_EVERY_MS } = look;
  const named = parseAppName(app);
  if (!named) return null;
  const began = monotonicMs();
  for (let wasSettled = false; !isOver(); ) {
    await sleep(lookEveryMs, undefined, { ref: false });
    if (isOver()) return null;
    const now = await status(named).catch((error: unknown) => {
      if (isPassing(error)) return null;
      throw error;
    });
    const isSettled = now?.ok === true && now.why === null;
    if (now && isSettled && wasSettled) return scaledEvent(named.repo, now, monotonicMs() - began);
    wasSettled = isSettled;
  }
  return null;
}

function scaledEvent(repo: string, status: AppStatus, elapsedMs: number): AppEvent {
  const { app, release, commit, subject, by } = status;
  return {
    ...{ type: 'release', app, repo, release: release ?? 0, state: 'scaled', why: null, by: by ?? '' },
    ...{ commit: commit ?? '', subject: subject ?? '', of: null, replaces: null },
    env: { set: [], changed: [], unset: [] },
    services: countsOf(status),
    ...{ lost: [], notes: [], elapsed: elapsedMs / 1000 },
  };
}
