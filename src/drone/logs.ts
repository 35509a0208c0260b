import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../adapters/json-file.ts';
import type { LogInfo, LogPage } from '../protocol/answers.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import type { OrderParams } from '../protocol/orders.ts';
import { cut, isTooLong } from './log-cap.ts';
import { LogFile } from './log-file.ts';
import { LogIndex } from './log-index.ts';
import { freshMeta, type LogMeta, type LogProcess, namelessProcess, readMeta } from './log-meta.ts';
import { type IndexedLog, readPage } from './log-reader.ts';
import { LogStream, type StreamOptions } from './log-stream.ts';
import { LogWatcher } from './log-watcher.ts';

/** Bytes kept of each log, unless --log-max says otherwise. */
const DEFAULT_MAX = 16 * 1024 * 1024;
/** Milliseconds that a log is kept after its process was stopped. */
const KEEP_STOPPED = 3_600_000;
const SWEEP_EVERY = 60_000;

interface Log extends IndexedLog {
  cutting: boolean;
  /** How far the drone that was here before had seen it. */
  resumeAt: number;
}

/**
 * The logs of a drone's processes. The processes write into their files by themselves; this watches the folder, notes
 * when what was written, cuts what is too long, and sends on what somebody wants to see.
 */
export class Logs extends EventEmitter<{ problem: [string] }> {
  private readonly folder: string;
  private readonly logs = new Map<string, Log>();
  private readonly streams = new Set<LogStream>();
  private readonly watcher: LogWatcher;
  private sweeper: NodeJS.Timeout | undefined;
  private readonly said = new Set<string>();

  /** EIO where the folder cannot be made. */
  constructor(
    dir: string,
    private readonly max = DEFAULT_MAX,
  ) {
    super();
    this.folder = join(dir, 'log');
    makeDirectory(this.folder);
    this.watcher = new LogWatcher(
      this.folder,
      () => this.look(),
      (line) => this.problem(line),
    );
  }

  /** Takes up the logs that are there. */
  start(): void {
    for (const file of readdirSync(this.folder)) {
      const [, id, kind] = /^([0-9a-f]{6})\.(json|log)$/.exec(file) ?? [];
      if (id && (kind === 'log' || !this.logs.has(id))) this.load(id);
    }
    this.sweeper = setInterval(() => this.sweep(), SWEEP_EVERY).unref();
    this.watcher.start();
  }

  /** A new reader of what is written from now on; it wants nothing yet. */
  stream(options: StreamOptions): LogStream {
    const stream = new LogStream(options);
    this.streams.add(stream);
    return stream;
  }

  /** Has every log that the stream wants sent: from its end on or, with `resume`, from where a drone before left it. */
  want(stream: LogStream, interest: OrderParams['watch'], resume = false): void {
    stream.want(interest);
    for (const { file, resumeAt } of this.logs.values()) {
      if (!resume) this.see(file);
      if (stream.wants(file.meta)) stream.begin(file, resume ? resumeAt : file.lineEnd());
      else stream.forget(file.meta.id);
    }
    this.watcher.wake();
  }

  /** Opens a process's log as its output; the caller closes the descriptor. EIO. */
  open(process: LogProcess): number {
    try {
      const log = this.logs.get(process.id) ?? this.add(freshMeta(process));
      const fd = log.file.openForAppend();
      this.watcher.wake();
      return fd;
    } catch (cause) {
      throw new FleetError('EIO', `cannot write the log of ${process.id}: ${messageOf(cause)}`, { cause });
    }
  }

  /** A run has ended: finishes its last line, and sends all there is. */
  endRun(id: string): void {
    const log = this.logs.get(id);
    if (!log) return;
    try {
      log.file.endLine();
    } catch (error) {
      this.problem(`cannot write ${log.file.path}: ${messageOf(error)}`);
    }
    this.lookAt(log);
  }

  /** The process was stopped for good: its log stays for an hour. */
  stopped(id: string): void {
    const log = this.logs.get(id);
    if (!log) return;
    log.file.meta.stoppedAt = Date.now();
    this.save(log.file);
    this.lookAt(log);
    for (const stream of this.streams) stream.forget(id);
  }

  list(): LogInfo[] {
    return [...this.logs.values()].map(({ file }) => {
      this.see(file);
      const { id, repo, commit, command, start, dropped } = file.meta;
      return { id, repo, commit, command, start, end: file.lineEnd(), dropped };
    });
  }

  /** A stretch of one log. ENOPROCESS, EIO. */
  async read(
    id: string,
    at: OrderParams['logs.read']['at'],
    limit: number,
  ): Promise<{ page: LogPage; body: string }> {
    const log = this.logs.get(id);
    if (!log) throw new FleetError('ENOPROCESS', `there is no log of ${id} here`);
    try {
      this.lookAt(log);
      return await readPage(log, at, limit);
    } catch (cause) {
      throw new FleetError('EIO', `cannot read the log of ${id}: ${messageOf(cause)}`, { cause });
    }
  }

  close(): void {
    clearInterval(this.sweeper);
    this.watcher.close();
  }

  private load(id: string): void {
    let meta: LogMeta | null = null;
    try {
      meta = readMeta(join(this.folder, `${id}.json`));
    } catch (error) {
      this.problem(messageOf(error));
    }
    const log = this.add(meta ?? freshMeta(namelessProcess(id)));
    log.index.load();
    log.file.end = Math.max(log.file.end, log.index.end);
    log.resumeAt = log.file.end;
  }

  private add(meta: LogMeta): Log {
    const file = new LogFile(this.folder, meta);
    const log = { file, index: new LogIndex(file.indexPath), cutting: false, resumeAt: meta.start };
    this.save(file);
    this.logs.set(meta.id, log);
    for (const stream of this.streams) stream.begin(file, meta.start);
    return log;
  }

  /** Looks at all logs; true where something is going on, and another look should come soon. */
  private look(): boolean {
    let busy = false;
    for (const log of this.logs.values()) busy = this.lookAt(log) || busy;
    return busy;
  }

  private lookAt(log: Log): boolean {
    const { file, index } = log;
    const now = Date.now();
    const grown = this.see(file);
    if (index.end < file.end) {
      try {
        index.add(file.end, now, file.meta.start);
      } catch (error) {
        this.problem(`cannot write ${file.indexPath}: ${messageOf(error)}`);
      }
    }
    if (!log.cutting && isTooLong(file, this.max)) this.cut(log);
    let more = false;
    for (const stream of this.streams) more = stream.send(file, index.time || now) || more;
    return grown > 0 || more;
  }

  private cut(log: Log): void {
    log.cutting = true;
    const cutting = async (start: number) => {
      for (const stream of this.streams) await stream.cutting(log.file, start);
    };
    cut(log.file, this.max, cutting, (line) => this.problem(line))
      .catch((error: unknown) => this.problem(`cannot cap ${log.file.path}: ${messageOf(error)}`))
      .finally(() => {
        log.cutting = false;
      });
  }

  private see(file: LogFile): number {
    try {
      return file.see();
    } catch (error) {
      this.problem(`cannot read ${file.path}: ${messageOf(error)}`);
      return 0;
    }
  }

  private save(file: LogFile): void {
    try {
      file.save();
    } catch (error) {
      this.problem(`cannot write ${file.metaPath}: ${messageOf(error)}`);
    }
  }

  private sweep(): void {
    const old = Date.now() - KEEP_STOPPED;
    for (const [id, { file }] of this.logs) {
      if (file.unsaved) this.save(file);
      if (file.meta.stoppedAt === null || file.meta.stoppedAt > old) continue;
      this.logs.delete(id);
      file.remove();
    }
    this.said.clear();
  }

  /** Each once a minute: what is wrong with a disk is wrong with every write. */
  private problem(line: string): void {
    if (this.said.has(line)) return;
    this.said.add(line);
    this.emit('problem', line);
  }
}
