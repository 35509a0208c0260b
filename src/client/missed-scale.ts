import { setTimeout as sleep } from 'node:timers/promises';
import { parseAppName } from '../protocol/app-names.ts';
import type { AppEvent, AppStatus } from '../protocol/apps.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { countsOf } from './missed-end.ts';
import { isPassing } from './passing.ts';

/** Between two looks, whoever leads has time to tell it. */
const LOOK_EVERY_MS = 5_000;
/** So much later than it should be told, another hub leads, and has looked around. */
const TELL_WITHIN_MS = 20_000;

/** What it takes to look at an app: once it has its new counts, or has had its time for it, and nobody tells, that is the end. */
export interface ScaleLook {
  app: string;
  /** In ms: how long it is waited for once nothing else is under way; undefined if that is not known. */
  within?: number | undefined;
  status(named: { repo: string; stage: string | null }): Promise<AppStatus>;
  /** True if it was told meanwhile, or nobody wants to know. */
  isOver(): boolean;
  lookEveryMs?: number;
  tellWithinMs?: number;
}

/**
 * Returns how an app was scaled, as an event that has it, if two looks in a row find it so, or its time is over, and nobody has
 * told: the hub that waited for it may have ended. Null if it is over.
 */
export async function missedScale(look: ScaleLook): Promise<AppEvent | null> {
  const {
    app,
    within = Number.POSITIVE_INFINITY,
    status,
    isOver,
    lookEveryMs = LOOK_EVERY_MS,
    tellWithinMs = TELL_WITHIN_MS,
  } = look;
  const named = parseAppName(app);
  if (!named) return null;
  const began = monotonicMs();
  let aloneSince: number | null = null;
  for (let wasSettled = false; !isOver(); ) {
    await sleep(lookEveryMs, undefined, { ref: false });
    if (isOver()) return null;
    const now = await status(named).catch((error: unknown) => {
      if (isPassing(error)) return null;
      throw error;
    });
    if (!now) continue;
    const isSettled = now.ok && now.why === null;
    const elapsedMs = monotonicMs() - began;
    if (isSettled && wasSettled) return scaledEvent(named.repo, now, { why: null, elapsedMs });
    wasSettled = isSettled;
    aloneSince = now.why === null ? (aloneSince ?? elapsedMs) : null;
    const isLate = aloneSince !== null && elapsedMs - aloneSince > within + tellWithinMs;
    if (isLate) return scaledEvent(named.repo, now, { why: latecomer(now), elapsedMs });
  }
  return null;
}

/** Returns what the first instance lacks that is not ready, as the hub that leads would have told it. */
function latecomer({ services }: AppStatus): string {
  const all = Object.entries(services).flatMap(([name, { instances }]) =>
    instances.map((one) => ({ ...one, name: `${name}.${one.slot}` })),
  );
  const late = all.find(({ state }) => state !== 'ready' && state !== 'up' && state !== 'leaving');
  if (late) return `${late.name} ${late.why ?? `is ${late.state}`}`;
  return 'it takes longer than it should';
}

function scaledEvent(
  repo: string,
  status: AppStatus,
  { why, elapsedMs }: { why: string | null; elapsedMs: number },
): AppEvent {
  const { app, release, commit, subject, by } = status;
  return {
    ...{ type: 'release', app, repo, release: release ?? 0, state: 'scaled', why, by: by ?? '' },
    ...{ commit: commit ?? '', subject: subject ?? '', of: null, replaces: null },
    env: { set: [], changed: [], unset: [] },
    services: countsOf(status),
    ...{ lost: [], notes: [], elapsed: elapsedMs / 1000 },
  };
}
