import { setTimeout as sleep } from 'node:timers/promises';
import { isReachable } from '../rpc/reachable.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { ReturnPlan, type ReturnTimes } from './return-plan.ts';

/** How a drone that is not at the hub that it prefers gets back to it. */
export interface Homecoming {
  /** The address of that hub. */
  home: string;
  /** True while a move would cut something off. */
  isBusy(): boolean;
  /** Joins there, and leaves the other then; resolves to false if that has failed. */
  move(): Promise<boolean>;
  times: ReturnTimes;
}

/** Has the drone go back once that hub has been there for a while. Resolves when it has, or when the signal aborts. */
export async function comeHome(
  { home, isBusy, move, times }: Homecoming,
  signal: AbortSignal,
): Promise<void> {
  let plan = new ReturnPlan(times);
  for (;;) {
    await sleep(plan.pause(), undefined, { signal, ref: false }).catch(() => {});
    const isThere = !signal.aborted && (await isReachable(home, signal));
    if (signal.aborted) return;
    if (!plan.seen(isThere, monotonicMs()) || isBusy()) continue;
    if (await move()) return;
    plan = new ReturnPlan(times);
  }
}
