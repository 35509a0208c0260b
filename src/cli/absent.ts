import { note, type Output } from './io.ts';
import { aboutSeconds } from './quantity.ts';

/** Says of each drone that is lost, given with the seconds since then, what that means. */
export function noteAbsent(
  absent: Record<string, number>,
  meaning: string,
  io: Pick<Output, 'stderr'>,
): void {
  for (const [drone, lost] of Object.entries(absent))
    note(io, `[${drone}] not connected (lost ${aboutSeconds(lost)} ago): ${meaning}`);
}
