import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { LogMark } from '../../protocol/answers.ts';
import { MAX_MARKS } from '../../protocol/limits.ts';
import { logMark } from '../../protocol/log-words.ts';
import { demandRegular, readRegular } from '../../system/regular-file.ts';
import { writeWhole } from '../../system/write-whole.ts';

/**
 * What happened to a process, beside its log as `ID.marks` on disk: a line of JSON for each mark. Apart from the log, so
 * that a program's own output is never mistaken for one. The newest MAX_MARKS are kept, or up to twice as many.
 */
export class LogMarks {
  /** The number of the newest mark; 0 if there is none. */
  last = 0;
  /** How many are on disk. */
  private count = 0;

  constructor(readonly path: string) {}

  /** Finds out what is on disk. */
  load(): void {
    const marks = this.read();
    this.count = marks.length;
    this.last = marks.at(-1)?.number ?? 0;
  }

  /** Writes a mark, and returns it. Throws file system errors; then there is none. */
  add(mark: Omit<LogMark, 'number'>): LogMark {
    const numbered = { ...mark, number: this.last + 1 };
    demandRegular(this.path);
    appendFileSync(this.path, `${JSON.stringify(numbered)}\n`, { mode: 0o600 });
    this.last = numbered.number;
    if (++this.count > 2 * MAX_MARKS) this.thin();
    return numbered;
  }

  /** Returns the newest marks, at most MAX_MARKS, that lie between two offsets or at one of them. */
  between(from: number, to: number): LogMark[] {
    if (this.count === 0) return [];
    return this.read()
      .filter(({ at }) => at >= from && at <= to)
      .slice(-MAX_MARKS);
  }

  private thin(): void {
    const kept = this.read().slice(-MAX_MARKS);
    writeWhole(this.path, kept.map((mark) => `${JSON.stringify(mark)}\n`).join(''));
    this.count = kept.length;
  }

  /** Returns what can be read: a damaged line costs only that mark. */
  private read(): LogMark[] {
    return textOf(this.path)
      .split('\n')
      .flatMap((line) => {
        const mark = v.safeParse(logMark, parsed(line));
        return mark.success ? [mark.output] : [];
      });
  }
}

function textOf(path: string): string {
  try {
    return readRegular(path);
  } catch {
    return '';
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Removes the marks of logs that an older version of fleet, which does not know marks, has removed. */
export function removeOrphanedMarks(folder: string, logs: { has(id: string): boolean }): void {
  for (const file of readdirSync(folder)) {
    const [, id] = /^([0-9a-f]{6})\.marks$/.exec(file) ?? [];
    if (id && !logs.has(id)) rmSync(join(folder, file), { force: true });
  }
}
