import { closeSync, constants, openSync, readSync, statSync, writeSync } from 'node:fs';
import { writeWhole } from '../../system/write-whole.ts';

/** A record is two doubles: a time in milliseconds since 1970, and the end of the log as it was seen at that time. */
const RECORD = 16;
/** Records kept of one log: 1 MiB. */
const MOST = 65_536;
/** Milliseconds that one record stands for at least. */
const SPACING = 50;

/**
 * When which byte of a log was written, as `ID.idx` on disk: what lies between two records was written at the time of
 * the second. Only the last record is held in memory. Times never run backwards, whatever the clock does.
 */
export class LogIndex {
  private count = 0;
  private lastTime = 0;
  private lastEnd = 0;

  constructor(
    private readonly path: string,
    private readonly most = MOST,
  ) {}

  /** Takes up what is on disk; a record that was cut in half is written over. */
  load(): void {
    this.count = Math.floor((statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) / RECORD);
    const last = this.count === 0 ? undefined : this.records(this.count - 1, this.count)[0];
    [this.lastTime, this.lastEnd] = last ?? [0, 0];
  }

  /** How far the log was seen. */
  get end(): number {
    return this.lastEnd;
  }

  /** When it was seen to grow last. */
  get time(): number {
    return this.lastTime;
  }

  /** Notes that the log ended at `end` at the time `now`. Throws what the file system says; nothing is lost then. */
  add(end: number, now: number, start: number): void {
    if (end <= this.lastEnd) return;
    if (this.count >= this.most) this.thin(start);
    const extend = this.count > 0 && now >= this.lastTime && now - this.lastTime < SPACING;
    const time = extend ? this.lastTime : Math.max(now, this.lastTime);
    const at = extend ? this.count - 1 : this.count;
    const fd = openSync(this.path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    try {
      writeSync(fd, new Float64Array([time, end]), 0, RECORD, at * RECORD);
    } finally {
      closeSync(fd);
    }
    this.count = at + 1;
    this.lastTime = time;
    this.lastEnd = end;
  }

  /** Where that begins which was written at `time` or later; null where nothing was. */
  since(time: number): number | null {
    const first = this.search(([at]) => at >= time);
    if (first === this.count) return null;
    return first === 0 ? 0 : (this.records(first - 1, first)[0]?.[1] ?? 0);
  }

  /** `[offset, time]` for the bytes `from` to `to`: from the offset on they were written at that time. Ascending. */
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

  /** The first record for which it is true; it must stay true from there on. */
  private search(isFrom: (record: [number, number]) => boolean): number {
    if (this.count === 0) return 0;
    const fd = openSync(this.path, 'r');
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

  private records(first: number, after: number): [number, number][] {
    if (after <= first) return [];
    const fd = openSync(this.path, 'r');
    try {
      return readRecords(fd, first, after);
    } finally {
      closeSync(fd);
    }
  }

  /** Forgets what is cut away, and every other record of the older half. */
  private thin(start: number): void {
    const kept = this.records(0, this.count).filter(([, end]) => end >= start);
    const half = kept.length > this.most / 2 ? kept.length >> 1 : 0;
    const thinned = kept.filter((_, i) => i >= half || i % 2 === 1);
    writeWhole(this.path, new Float64Array(thinned.flat()));
    this.count = thinned.length;
  }
}

function readRecords(fd: number, first: number, after: number): [number, number][] {
  const numbers = new Float64Array((after - first) * 2);
  const read = Math.floor(readSync(fd, numbers, 0, numbers.byteLength, first * RECORD) / RECORD);
  return Array.from({ length: read }, (_, i) => [numbers[2 * i] ?? 0, numbers[2 * i + 1] ?? 0]);
}
