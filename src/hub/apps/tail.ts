import type { DroneDirectory } from '../drones/directory.ts';

/** Lines of a log that are shown of a failure. */
const TAIL_LINES = 20;
const MAX_TAIL_BYTES = 64 * 1024;
const TIMEOUT_MS = 3_000;

/** Returns the last lines of a process's log, without those that are empty at its end; none if it cannot be read. */
export async function readTail(directory: DroneDirectory, drone: string, id: string): Promise<string[]> {
  try {
    const { orders } = directory.connection(drone);
    const at = { kind: 'tail' as const, lines: TAIL_LINES };
    const { body } = await orders.call(
      'logs.read',
      { id, at, limit: MAX_TAIL_BYTES },
      { timeout: TIMEOUT_MS },
    );
    const text = body.toString().replace(/\s+$/, '');
    return text === '' ? [] : text.split('\n');
  } catch {
    return [];
  }
}
