import type { DroneDirectory } from '../drones/directory.ts';
import { REJOIN_WITHIN_MS, RejoinWindow } from '../drones/rejoin-window.ts';

/** Resolves when drones that were lost just now, as with the hub that they were connected to, are back or have had time for it. */
export async function dronesAreBack(directory: Pick<DroneDirectory, 'all' | 'on' | 'off'>): Promise<void> {
  const away = directory
    .all()
    .filter(({ lost }) => lost !== null && lost * 1_000 < REJOIN_WITHIN_MS)
    .map(({ identity, lost }) => ({ identity, leftMs: REJOIN_WITHIN_MS - (lost ?? 0) * 1_000 }));
  if (away.length === 0) return;
  const window = new RejoinWindow(
    away.map(({ identity }) => identity),
    Math.max(...away.map(({ leftMs }) => leftMs)),
  );
  const back = ({ identity }: { identity: string }) => window.back(identity);
  directory.on('joined', back);
  await window.over;
  directory.off('joined', back);
}
