import { note, type Output } from './io.ts';
import { aboutSeconds } from './quantity.ts';

/** Notes each drone that is not connected, with the seconds since it was lost, and what follows from it. */
export function noteAbsent(
  absent: Record<string, number>,
  meaning: string,
  io: Pick<Output, 'stderr'>,
): void {
  for (const [drone, lost] of Object.entries(absent))
    note(io, `[${drone}] not connected (lost ${aboutSeconds(lost)} ago): ${meaning}`);
}
