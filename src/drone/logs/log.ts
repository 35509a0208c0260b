import type { LogInfo, LogMark } from '../../protocol/answers.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { LastExit } from '../../protocol/process.ts';
import { putAsideUnlessFile } from '../../system/put-aside.ts';
import { type Cutting, cut, isTooLong } from './cap.ts';
import { LogFile } from './log-file.ts';
import { LogMarks } from './marks.ts';
import { isArchived, isNameless, type LoggedProcess, type LogMeta, logOf } from './meta.ts';
import type { LogStream } from './stream.ts';
import { LogIndex } from './time-index.ts';

/** What a log needs from the drone's logs. */
export interface LogSurroundings {
  folder: string;
  /** Bytes kept. */
  max: number;
  streams: ReadonlySet<LogStream>;
  problem(line: string): void;
}

/**
 * One process's log: the file, the index of when it was written, and the readers. File errors are reported, not thrown.
 */
export class Log {
  readonly file: LogFile;
  readonly index: LogIndex;
  readonly marks: LogMarks;
  /** How far the previous drone had read it. */
  resumeAt: number;
  /** Where the output of the present run begins. */
  private runStart: number;
  private cutting = false;

  constructor(
    meta: LogMeta,
    private readonly around: LogSurroundings,
  ) {
    this.file = new LogFile(around.folder, meta);
    this.index = new LogIndex(this.file.indexPath);
    this.marks = new LogMarks(this.file.marksPath);
    this.resumeAt = meta.start;
    this.runStart = meta.start;
  }

  /** Assigns a log with a damaged description to its process again, and one that an older drone has made for an instance. */
  claim(process: LoggedProcess): void {
    const { meta } = this.file;
    if (isNameless(meta) || meta.of === null) this.belongTo(process);
  }

  /** Assigns the log to this process, which is kept running. */
  belongTo(process: LoggedProcess): void {
    const { meta } = this.file;
    const { repo, commit, command, keepMs, of } = logOf(process);
    const isNoted = of === undefined || meta.of !== null;
    if (meta.repo === repo && meta.commit === commit && meta.stoppedAt === null && isNoted) return;
    Object.assign(meta, { repo, commit, command, stoppedAt: null });
    Object.assign(meta, keepMs !== undefined && { keepMs }, of && { of });
    this.save();
  }

  /** Continues where the previous drone stopped. */
  resume(): void {
    const { path, indexPath, marksPath } = this.file;
    for (const one of [path, indexPath, marksPath]) this.putAside(one);
    this.orReport(`cannot read ${this.index.path}`, () => this.loadIndex());
    this.marks.load();
    this.file.end = Math.max(this.file.end, this.index.end);
    this.resumeAt = this.file.end;
  }

  /** Records and sends what is new, and caps the log. Returns true if there was anything to do. */
  poll(): boolean {
    const { file, index } = this;
    const now = Date.now();
    const grown = this.refresh();
    if (index.end < file.end) {
      this.orReport(`cannot write ${file.indexPath}`, () => index.add(file.end, now, file.meta.start));
    }
    if (!this.cutting && isTooLong(file, this.around.max)) void this.cut();
    let more = false;
    for (const stream of this.around.streams) {
      const send = () => stream.send(file, index.time || now);
      more = this.orReport(`cannot read ${file.path}`, send) || more;
    }
    return grown > 0 || more;
  }

  /** Returns how many bytes are new. */
  refresh(): number {
    return this.orReport(`cannot read ${this.file.path}`, () => this.file.refresh()) ?? 0;
  }

  info(now: number): LogInfo {
    this.refresh();
    const { meta } = this.file;
    const { id, repo, commit, command, start, dropped, atLeast, of } = meta;
    return {
      ...{ id, repo, commit, command, start, end: this.lineEnd(), dropped },
      ...(atLeast && { atLeast }),
      ...(of && { of }),
      ...(isArchived(meta, now) && { archived: true }),
    };
  }

  /** Returns where the last whole line ends; where the log ends if that cannot be read. */
  lineEnd(): number {
    const { file } = this;
    return this.orReport(`cannot read ${file.path}`, () => file.lineEnd()) ?? file.end;
  }

  /** Finishes the last line of a run that has ended, and sends everything. */
  endRun(): void {
    this.orReport(`cannot write ${this.file.path}`, () => this.file.endLine());
    this.poll();
  }

  /** Notes that a run is about to be started. */
  beginRun(): void {
    this.refresh();
    this.runStart = this.file.end;
  }

  /** Marks how a run has ended, after what it has printed. */
  markExit({ code, signal, error }: LastExit): void {
    this.refresh();
    this.mark(this.file.end, { type: 'exited', code, signal, ...(error !== undefined && { error }) });
  }

  /** Marks that a run is not the first one, before what it prints: it may have printed something already. */
  markRestart(): void {
    this.mark(this.runStart, { type: 'restarted', code: null, signal: null });
  }

  save(): void {
    this.orReport(`cannot write ${this.file.metaPath}`, () => this.file.save());
  }

  private mark(at: number, what: Pick<LogMark, 'type' | 'code' | 'signal' | 'error'>): void {
    const { file, marks } = this;
    const add = () => marks.add({ ...what, at, time: Date.now() });
    const mark = this.orReport(`cannot write ${marks.path}`, add);
    if (mark) for (const stream of this.around.streams) stream.mark(file, mark);
  }

  /** A FIFO would hold up the drone, and nothing can be written to a folder. */
  private putAside(path: string): void {
    const aside = this.orReport(path, () => putAsideUnlessFile(path));
    if (aside) this.around.problem(`${path} was not a file; it is now ${aside}`);
  }

  private loadIndex(): void {
    const lost = this.index.load();
    if (lost === 0) return;
    const { path } = this.index;
    this.around.problem(
      `${path} was damaged: when ${lost} parts of this log were written is only known roughly`,
    );
  }

  /** Repeats until it fits: it may grow meanwhile and then fall silent, and nothing would check it again. */
  private async cut(): Promise<void> {
    const { max, streams, problem } = this.around;
    const cutting: Cutting = async (start, removed) => {
      for (const stream of streams) await stream.cutting(this.file, start, removed);
    };
    this.cutting = true;
    try {
      do await cut(this.file, max, cutting, problem);
      while (isTooLong(this.file, max));
    } catch (error) {
      problem(`cannot cap ${this.file.path}: ${messageOf(error)}`);
    } finally {
      this.cutting = false;
    }
  }

  private orReport<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      const why = messageOf(error);
      this.around.problem(error instanceof FleetError ? why : `${what}: ${why}`);
      return undefined;
    }
  }
}
