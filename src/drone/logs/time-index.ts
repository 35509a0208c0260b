import { closeSync, constants, readSync, statSync, writeSync } from 'node:fs';
import { openRegular } from '../../system/regular-file.ts';
import { withReserve } from '../../system/reserve.ts';
import { writeWhole } from '../../system/write-whole.ts';

/** A record is two doubles: a time in ms since 1970, and the end of the log at that time. */
const RECORD_BYTES = 16;
/** How many records are kept of one log: 1 MiB. */
const MAX_RECORDS = 65_536;
/** The least time between two records. */
const SPACING_MS = 50;
/** The last time that a Date can hold. */
const MAX_TIME_MS = 8.64e15;
/** Too large to be true, and small enough to be added to. */
const MAX_END_BYTES = 2 ** 52;

type IndexRecord = [time: number, end: number];

/**
 * When each byte of a log was written, as `ID.idx` on disk: bytes between two records were written at the time of the
 * second one. Only the last record is held in memory. Times never go backwards, whatever the clock does.
 */
export class LogIndex {
  private count = 0;
  private lastTime = 0;
  private lastEnd = 0;

  constructor(
    readonly path: string,
    private readonly maxRecords = MAX_RECORDS,
  ) {}

  /**
   * Loads the index from disk, and rewrites it if it has records that cannot be true. Returns the number of such
   * records; a truncated last one does not count. Throws file system errors.
   */
  load(): number {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    const records = this.records(0, Math.min(this.maxRecords, Math.floor(size / RECORD_BYTES)));
    const sound = soundRecords(records);
    this.count = sound.length;
    [this.lastTime, this.lastEnd] = sound.at(-1) ?? [0, 0];
    if (sound.length < records.length) this.replace(sound);
    return records.length - sound.length;
  }

  /** The end of the log in the last record. */
  get end(): number {
    return this.lastEnd;
  }

  /** The time of the last record. */
  get time(): number {
    return this.lastTime;
  }

  /** Records that the log ended at `end` at the time `now`. Throws file system errors; nothing is lost then. */
  add(end: number, now: number, start: number): void {
    if (end <= this.lastEnd) return;
    if (this.count >= this.maxRecords) this.thin(start);
    const extend = this.count > 0 && now >= this.lastTime && now - this.lastTime < SPACING_MS;
    const time = extend ? this.lastTime : Math.max(now, this.lastTime);
    const at = extend ? this.count - 1 : this.count;
    withReserve(this.path, () => this.write([time, end], at));
    this.count = at + 1;
    this.lastTime = time;
    this.lastEnd = end;
  }

  private write(record: IndexRecord, at: number): void {
    const fd = openRegular(this.path, constants.O_WRONLY | constants.O_CREAT);
    try {
      writeSync(fd, new Float64Array(record), 0, RECORD_BYTES, at * RECORD_BYTES);
    } finally {
      closeSync(fd);
    }
  }

  /** Returns the offset of the first byte written at `time` or later; null if there is none. */
  since(time: number): number | null {
    const first = this.search(([at]) => at >= time);
    if (first === this.count) return null;
    return first === 0 ? 0 : (this.records(first - 1, first)[0]?.[1] ?? 0);
  }

  /**
   * Returns `[offset, time]` pairs, ascending, for the bytes `from` to `to`: from each offset on they were written
   * then.
   */
  times(from: number, to: number): [number, number][] {
    const first = Math.max(0, this.search(([, end]) => end > from) - 1);
    const after = Math.min(this.count, this.search(([, end]) => end >= to) + 1);
    const times: [number, number][] = [];
    let offset = 0;
    for (const [time, end] of this.records(first, after)) {
      if (end > from) times.push([offset, time]);
      offset = end;
    }
    return times;
  }

  /** Finds the first record that satisfies `isFrom`; all records after it must satisfy it too. */
  private search(isFrom: (record: IndexRecord) => boolean): number {
    if (this.count === 0) return 0;
    const fd = openRegular(this.path, 'r');
    try {
      let low = 0;
      let high = this.count;
      while (low < high) {
        const middle = (low + high) >> 1;
        const [record] = readRecords(fd, middle, middle + 1);
        if (record && isFrom(record)) high = middle;
        else low = middle + 1;
      }
      return low;
    } finally {
      closeSync(fd);
    }
  }

  private records(first: number, after: number): IndexRecord[] {
    if (after <= first) return [];
    const fd = openRegular(this.path, 'r');
    try {
      return readRecords(fd, first, after);
    } finally {
      closeSync(fd);
    }
  }

  /** Drops records of removed bytes, and every other record of the older half. */
  private thin(start: number): void {
    const kept = this.records(0, this.count).filter(([, end]) => end >= start);
    const half = kept.length > this.maxRecords / 2 ? kept.length >> 1 : 0;
    const thinned = kept.filter((_, i) => i >= half || i % 2 === 1);
    this.replace(thinned);
    this.count = thinned.length;
  }

  private replace(records: IndexRecord[]): void {
    writeWhole(this.path, new Float64Array(records.flat()));
  }
}

/** Returns the records that can be true: times and ends ascend. A wild outlier does not cost all the others. */
function soundRecords(records: IndexRecord[]): IndexRecord[] {
  const possible = records.filter(
    ([time, end]) => isWithin(time, MAX_TIME_MS) && isWithin(end, MAX_END_BYTES),
  );
  const forwards = ascending(
    possible,
    ([time, end], [lastTime, lastEnd]) => time >= lastTime && end > lastEnd,
  );
  if (forwards.length === records.length) return forwards;
  const backwards = ascending(
    possible.reverse(),
    ([time, end], [lastTime, lastEnd]) => time <= lastTime && end < lastEnd,
  );
  return forwards.length >= backwards.length ? forwards : backwards.reverse();
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= max;
}

/** Returns the records that do not go backwards from the one before. */
function ascending(
  records: IndexRecord[],
  follows: (record: IndexRecord, last: IndexRecord) => boolean,
): IndexRecord[] {
  const kept: IndexRecord[] = [];
  for (const record of records) {
    const last = kept.at(-1);
    if (!last || follows(record, last)) kept.push(record);
  }
  return kept;
}

function readRecords(fd: number, first: number, after: number): IndexRecord[] {
  const numbers = new Float64Array((after - first) * 2);
  const read = Math.floor(readSync(fd, numbers, 0, numbers.byteLength, first * RECORD_BYTES) / RECORD_BYTES);
  return Array.from({ length: read }, (_, i) => [numbers[2 * i] ?? 0, numbers[2 * i + 1] ?? 0]);
}
