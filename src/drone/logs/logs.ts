import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LogInfo, LogPage } from '../../protocol/answers.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { DroneEvent, Interest } from '../../protocol/events.ts';
import type { CheckedOrderParams } from '../../protocol/orders.ts';
import { makeDirectory } from '../../system/json-file.ts';
import { sweepPipes } from '../../system/pipes.ts';
import { spareFile } from '../../system/reserve.ts';
import { removeUnfinished } from '../../system/write-whole.ts';
import { frontOf } from './front.ts';
import { Log, type LogSurroundings } from './log.ts';
import { removeOrphanedMarks } from './marks.ts';
import { freshMeta, isArchived, isOver, type LoggedProcess, type LogMeta, readMeta } from './meta.ts';
import { readPage } from './reader.ts';
import { LogStream, type StreamOptions } from './stream.ts';
import { LogWatcher } from './watcher.ts';

/** How much of each log is kept, unless --log-max says otherwise. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const SWEEP_EVERY_MS = 60_000;

/**
 * The logs of a drone's processes. The processes' output gets into the files without the drone (pump.ts); this watches the folder, indexes
 * when what was written, caps logs that are too long, and sends readers what they are interested in.
 */
export class Logs extends EventEmitter<{ problem: [string] }> {
  private readonly around: LogSurroundings;
  private readonly logs = new Map<string, Log>();
  private readonly streams = new Set<LogStream>();
  private readonly watcher: LogWatcher;
  /** See `spareFile`. */
  readonly spare: string;
  private sweeper: NodeJS.Timeout | undefined;
  private readonly reported = new Set<string>();

  /** Throws EIO if the folder cannot be made. */
  constructor(dir: string, max = DEFAULT_MAX_BYTES) {
    super();
    const folder = join(dir, 'log');
    makeDirectory(folder);
    this.spare = spareFile(dir, folder);
    const problem = (line: string) => this.problem(line);
    this.around = { folder, max, streams: this.streams, problem };
    this.watcher = new LogWatcher(folder, () => this.poll(), problem);
  }

  /** Loads the logs that exist. */
  start(): void {
    removeUnfinished(this.around.folder);
    for (const file of readdirSync(this.around.folder)) {
      const [, id, kind] = /^([0-9a-f]{6})\.(json|log)$/.exec(file) ?? [];
      if (id && (kind === 'log' || !this.logs.has(id))) this.load(id);
    }
    removeOrphanedMarks(this.around.folder, this.logs);
    this.sweeper = setInterval(() => this.sweep(), SWEEP_EVERY_MS).unref();
    this.watcher.start();
    void sweepPipes();
  }

  /** Adds a reader of what is written from now on; it is not interested in anything yet. */
  stream(options: StreamOptions): LogStream {
    const stream = new LogStream(options);
    this.streams.add(stream);
    return stream;
  }

  /** Sets what a stream is sent: from each log's end on or, with `resume`, from where the previous drone stopped. */
  setInterest(stream: LogStream, interest: Interest, resume = false): void {
    stream.setInterest(interest);
    for (const log of this.logs.values()) {
      const { file, resumeAt } = log;
      if (!resume) log.refresh();
      if (stream.wants(file.meta)) stream.attach(file, resume ? resumeAt : log.lineEnd());
      else stream.forget(file.meta.id);
    }
    this.watcher.wake();
  }

  /** Opens a process's log to be appended to; the caller closes the descriptor. Throws EIO. */
  open(process: LoggedProcess): number {
    try {
      const log = this.logs.get(process.id) ?? this.add(freshMeta(process));
      log.belongTo(process);
      log.beginRun();
      const fd = log.file.openForAppend();
      this.watcher.wake();
      return fd;
    } catch (cause) {
      throw new FleetError('EIO', `cannot write the log of ${process.id}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Takes the processes that are kept running here. A log of one that was stopped just before the drone was killed stays for a while. */
  claim(processes: readonly LoggedProcess[]): void {
    const byId = new Map(processes.map((process) => [process.id, process]));
    for (const [id, log] of this.logs) {
      const process = byId.get(id);
      if (process) log.claim(process);
      else if (log.file.meta.stoppedAt === null) this.stopped(id);
    }
  }

  /** Finishes the last line of a run that has ended, and sends everything. */
  endRun(id: string): void {
    this.logs.get(id)?.endRun();
  }

  /** Marks in the log of a process how it has ended, or that it was started again. */
  note(event: DroneEvent): void {
    if (event.type === 'exited') this.logs.get(event.id)?.markExit(event);
    if (event.type === 'spawned' && event.restarts !== undefined) this.logs.get(event.id)?.markRestart();
  }

  /** Notes that a process was stopped: its log is kept for a while. */
  stopped(id: string): void {
    const log = this.logs.get(id);
    if (!log) return;
    log.file.meta.stoppedAt = Date.now();
    log.save();
    log.poll();
    for (const stream of this.streams) stream.forget(id);
  }

  /** `marks`: with the number of each log's newest mark. */
  list({ marks }: CheckedOrderParams['logs.list'] = {}): LogInfo[] {
    const now = Date.now();
    return [...this.logs.values()].map((log) => ({
      ...log.info(now),
      ...(marks && { marked: log.marks.last }),
    }));
  }

  /** Returns a stretch of one log, if it belongs to `repo` (null for any). Throws ENOPROCESS, EIO. */
  async read(wanted: CheckedOrderParams['logs.read']): Promise<{ page: LogPage; body: Buffer }> {
    const { id, at, limit, repo, unfinished, marks } = wanted;
    const log = this.logs.get(id);
    if (!log || (repo !== null && log.file.meta.repo !== repo))
      throw new FleetError('ENOPROCESS', `there is no log of ${id} here`);
    try {
      log.poll();
      const { page, body } = await readPage(log, at, limit, unfinished);
      return { page: marks ? { ...page, marks: log.marks.between(page.from, page.to) } : page, body };
    } catch (cause) {
      throw new FleetError('EIO', `cannot read the log of ${id}: ${messageOf(cause)}`, { cause });
    }
  }

  close(): void {
    clearInterval(this.sweeper);
    this.watcher.close();
  }

  private load(id: string): void {
    const path = join(this.around.folder, id);
    const { meta, damaged } = readMeta(`${path}.json`, id);
    if (damaged) this.problem(`${path}.json is damaged: some of what it said about this log is lost`);
    const from = Math.max(0, (meta.start ?? 0) - meta.base);
    this.add({ ...meta, start: meta.base + frontOf(`${path}.log`, from) }).resume();
  }

  private add(meta: LogMeta): Log {
    const log = new Log(meta, this.around);
    log.save();
    this.logs.set(meta.id, log);
    for (const stream of this.streams) stream.attach(log.file, meta.start);
    return log;
  }

  /** Polls all logs of what may write. Returns true if one is active, so that it should be polled again soon. */
  private poll(): boolean {
    const now = Date.now();
    const open = [...this.logs.values()].filter(({ file }) => !isArchived(file.meta, now));
    return open.filter((log) => log.poll()).length > 0;
  }

  private sweep(): void {
    for (const [id, log] of this.logs) {
      const { file } = log;
      if (file.unsaved) log.save();
      if (!isOver(file.meta, Date.now())) continue;
      this.logs.delete(id);
      file.remove();
    }
    this.reported.clear();
  }

  /** Reports each problem once a minute: a broken disk fails with every write. */
  problem(line: string): void {
    if (this.reported.has(line)) return;
    this.reported.add(line);
    this.emit('problem', line);
  }
}
