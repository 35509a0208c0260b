import { FleetError, messageOf } from '../../protocol/errors.ts';
import { cut, isTooLong } from './cap.ts';
import { LogFile } from './log-file.ts';
import type { LogMeta, LogProcess } from './meta.ts';
import type { LogStream } from './stream.ts';
import { LogIndex } from './time-index.ts';

/** What a log needs of the drone's logs around it. */
export interface LogSurroundings {
  folder: string;
  /** Bytes kept. */
  max: number;
  streams: ReadonlySet<LogStream>;
  problem(line: string): void;
}

/** One process's log: the file, when what of it was written, and who is sent it. What the disk refuses is told. */
export class Log {
  readonly file: LogFile;
  readonly index: LogIndex;
  /** How far the drone that was here before had seen it. */
  resumeAt: number;
  private cutting = false;

  constructor(
    meta: LogMeta,
    private readonly around: LogSurroundings,
  ) {
    this.file = new LogFile(around.folder, meta);
    this.index = new LogIndex(this.file.indexPath);
    this.resumeAt = meta.start;
  }

  /** It is of this process, which is kept running. */
  belongTo({ repo, commit, command }: LogProcess): void {
    const { meta } = this.file;
    if (meta.repo === repo && meta.commit === commit && meta.stoppedAt === null) return;
    Object.assign(meta, { repo, commit, command, stoppedAt: null });
    this.save();
  }

  /** Goes on where a drone before left it. */
  resume(): void {
    this.orSay(`cannot read ${this.index.path}`, () => this.loadIndex());
    this.file.end = Math.max(this.file.end, this.index.end);
    this.resumeAt = this.file.end;
  }

  /** Notes what is new, cuts what is too long, and sends on what is wanted; true where something was going on. */
  look(): boolean {
    const { file, index } = this;
    const now = Date.now();
    const grown = this.see();
    if (index.end < file.end) {
      this.orSay(`cannot write ${file.indexPath}`, () => index.add(file.end, now, file.meta.start));
    }
    if (!this.cutting && isTooLong(file, this.around.max)) void this.cut();
    let more = false;
    for (const stream of this.around.streams) {
      const send = () => stream.send(file, index.time || now);
      more = this.orSay(`cannot read ${file.path}`, send) || more;
    }
    return grown > 0 || more;
  }

  /** Bytes that are new. */
  see(): number {
    return this.orSay(`cannot read ${this.file.path}`, () => this.file.see()) ?? 0;
  }

  /** Where the last whole line ends; where the log ends if that cannot be read. */
  lineEnd(): number {
    const { file } = this;
    return this.orSay(`cannot read ${file.path}`, () => file.lineEnd()) ?? file.end;
  }

  /** Finishes the last line of a run that has ended, and sends all there is. */
  endRun(): void {
    this.orSay(`cannot write ${this.file.path}`, () => this.file.endLine());
    this.look();
  }

  save(): void {
    this.orSay(`cannot write ${this.file.metaPath}`, () => this.file.save());
  }

  private loadIndex(): void {
    const lost = this.index.load();
    if (lost === 0) return;
    const { path } = this.index;
    this.around.problem(
      `${path} was damaged: when ${lost} parts of this log were written is only known roughly`,
    );
  }

  /** Until it fits: it may grow meanwhile and then fall silent, and nobody would look again. */
  private async cut(): Promise<void> {
    const { max, streams, problem } = this.around;
    const cutting = async (start: number) => {
      for (const stream of streams) await stream.cutting(this.file, start);
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

  private orSay<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      const why = messageOf(error);
      this.around.problem(error instanceof FleetError ? why : `${what}: ${why}`);
      return undefined;
    }
  }
}
