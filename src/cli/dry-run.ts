import type { ReleasePlan } from '../protocol/plans.ts';
import { liveText } from '../protocol/release-text.ts';
import type { Arguments } from './arguments.ts';
import { type Output, say } from './io.ts';
import { planLines } from './plan-text.ts';

/** Prints what would happen. Returns the exit status. */
export function reportPlan(plan: ReleasePlan, args: Arguments, io: Output): number {
  if (args.has('json')) say(io, JSON.stringify(plan, null, 2));
  else for (const line of plan.live ? [liveText(plan.live)] : planLines(plan)) say(io, line);
  return plan.live && !plan.live.ok ? 1 : 0;
}
