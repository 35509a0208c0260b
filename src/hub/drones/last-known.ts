import { join } from 'node:path';
import * as v from 'valibot';
import { messageOf } from '../../protocol/errors.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import { processReport } from '../../protocol/process-words.ts';
import { record } from '../../protocol/record.ts';
import * as s from '../../protocol/words.ts';
import { readJson, writeJson } from '../../system/json-file.ts';
import type { KnownDrone } from './known-drone.ts';

const SAVE_EVERY_MS = 30_000;

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
  private saved = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    dir: string,
    private readonly log: (line: string) => void,
  ) {
    this.path = join(dir, 'last-known.json');
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
    this.timer = setInterval(() => this.save(drones()), SAVE_EVERY_MS).unref();
  }

  close(drones: readonly KnownDrone[]): void {
    clearInterval(this.timer);
    this.save(drones);
  }

  private save(drones: readonly KnownDrone[]): void {
    const changes = drones.map(({ identity, changes }) => `${identity} ${changes}`).join();
    if (changes === this.saved) return;
    this.saved = changes;
    const entries = drones.map(({ identity, processes }) => [identity, [...processes.values()].map(timed)]);
    try {
      writeJson(this.path, { drones: Object.fromEntries(entries) });
    } catch (error) {
      this.log(`cannot write ${this.path}: ${messageOf(error)}`);
    }
  }
}

function timed({ report, at }: { report: ProcessReport; at: number }) {
  return { report, time: Math.round(Date.now() - (performance.now() - at)) };
}
