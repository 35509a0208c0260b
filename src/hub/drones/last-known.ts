import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as v from 'valibot';
import { messageOf } from '../../protocol/errors.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import { processReport } from '../../protocol/process-words.ts';
import { record } from '../../protocol/record.ts';
import * as s from '../../protocol/words.ts';
import { readJson } from '../../system/json-file.ts';
import { SavedFile } from '../../system/saved-file.ts';
import type { KnownDrone } from './known-drone.ts';

const SAVE_EVERY_MS = 30_000;
/** Reports that are turned into JSON in one turn of the event loop: a millisecond. */
const REPORTS_AT_ONCE = 300;

/** The processes of each drone by its identity; `time` is when a report was true, in ms since 1970. */
const schema = v.object({
  drones: record(s.key, v.array(v.object({ report: processReport, time: s.milliseconds }))),
});

/** A report, and how many milliseconds ago it was true. */
export interface OldReport {
  report: ProcessReport;
  ageMs: number;
}

/**
 * What drones last reported, in `last-known.json` (0600): after a restart of the hub, the processes of a drone that has
 * not come back are still known. It may be half a minute old, and a hub can do without it.
 */
export class LastKnown {
  private readonly path: string;
  private readonly file: SavedFile;
  private text = '';
  private saved = '';
  private isSaving = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    dir: string,
    private readonly log: (line: string) => void,
  ) {
    this.path = join(dir, 'last-known.json');
    this.file = new SavedFile(this.path, () => this.text);
  }

  /** Returns the reports of each drone by its identity. */
  load(): Map<string, OldReport[]> {
    try {
      const read = readJson(this.path);
      if (read === undefined) return new Map();
      const now = Date.now();
      return new Map(
        Object.entries(v.parse(schema, read).drones).map(([identity, reports]) => [
          identity,
          reports.map(({ report, time }) => ({ report, ageMs: Math.max(0, now - time) })),
        ]),
      );
    } catch (error) {
      this.log(`cannot use ${this.path}: ${messageOf(error)}`);
      return new Map();
    }
  }

  /** Saves what has changed every half minute, until `close`. */
  follow(drones: () => readonly KnownDrone[]): void {
    this.timer = setInterval(() => void this.save(drones()), SAVE_EVERY_MS).unref();
  }

  close(drones: readonly KnownDrone[]): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (!this.hasChanged(drones) && !this.isSaving) return;
    this.text = textOf(drones.map((drone) => partOf(drone)));
    try {
      this.file.now();
    } catch (error) {
      this.log(messageOf(error));
    }
  }

  /** Holds nothing up: with thousands of drones, that is megabytes. */
  private async save(drones: readonly KnownDrone[]): Promise<void> {
    if (this.isSaving || !this.hasChanged(drones)) return;
    this.isSaving = true;
    try {
      const parts: string[] = [];
      let left = REPORTS_AT_ONCE;
      for (const drone of drones) {
        parts.push(partOf(drone));
        left -= drone.processes.size;
        if (left > 0) continue;
        await nextTurn();
        left = REPORTS_AT_ONCE;
      }
      // What was saved at the end is newer.
      if (!this.timer) return;
      this.text = textOf(parts);
      await this.file.soon();
    } catch (error) {
      this.log(messageOf(error));
    } finally {
      this.text = '';
      this.isSaving = false;
    }
  }

  private hasChanged(drones: readonly KnownDrone[]): boolean {
    const changes = drones.map(({ identity, changes }) => `${identity} ${changes}`).join();
    if (changes === this.saved) return false;
    this.saved = changes;
    return true;
  }
}

/** Returns what is saved of a drone, as a part of the file. */
function partOf({ identity, processes }: KnownDrone): string {
  return `${JSON.stringify(identity)}:${JSON.stringify([...processes.values()].map(timed))}`;
}

function textOf(parts: readonly string[]): string {
  return `{"drones":{${parts.join(',\n')}}}\n`;
}

function timed({ report, at }: { report: ProcessReport; at: number }) {
  return { report, time: Math.round(Date.now() - (performance.now() - at)) };
}
