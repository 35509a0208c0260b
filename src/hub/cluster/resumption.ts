import type { ClientCall } from '../../protocol/client-calls.ts';
import { type AppRecord, releaseOf } from '../apps/app-record.ts';

/** What follows if the hub that led went away before it had answered: the call is made again, or was made, or nobody knows. */
export type Resumption = { do: 'again' } | { do: 'answer'; release: number } | { do: 'fail' };

const AGAIN: Resumption = { do: 'again' };

/** Calls after which a release of the caller's is under way. */
const BEGINNING: readonly ClientCall[] = ['app.up', 'app.rollback', 'app.restart'];

/** Decides that by what was stored of the app before, and is now that another hub leads. `by`: who calls. */
export function resumption(
  call: ClientCall,
  by: string,
  before: AppRecord | null,
  now: AppRecord | null,
): Resumption {
  const underWay = before && releaseOf(before, before.underWay);
  if (call === 'app.rollback' && underWay) return ended(now, underWay.release, (one) => one.isCancelled);
  if (call === 'app.promote' && underWay)
    return ended(now, underWay.release, ({ state }) => state !== 'canary');
  if (call === 'app.down') return before?.live && now?.live === null ? answer(before.live) : AGAIN;
  if (call === 'app.forget') return before && !now ? { do: 'fail' } : AGAIN;
  if (!BEGINNING.includes(call)) return AGAIN;
  const begun = now?.releases.find((one) => one.release > (before?.last ?? 0) && one.by === by);
  return begun ? answer(begun.release) : AGAIN;
}

function ended(
  now: AppRecord | null,
  release: number,
  isEnded: (one: AppRecord['releases'][number]) => boolean,
): Resumption {
  const one = now && releaseOf(now, release);
  return one && isEnded(one) ? answer(release) : AGAIN;
}

const answer = (release: number): Resumption => ({ do: 'answer', release });
