import type { CheckedClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, fromWire } from '../protocol/errors.ts';
import { EXEC_WINDOW_BYTES, execWindow, MAX_PIECE_BYTES } from '../protocol/limits.ts';
import type { Notices } from '../protocol/notices.ts';
import type { TerminalSize } from '../protocol/terminal.ts';
import { EMPTY } from '../rpc/frames.ts';
import type { Link } from './link.ts';
import { Queue } from './queue.ts';
import type { ExecChunk, ExecExit, Execution } from './types.ts';

type ExecNotice = { [K in 'exec.output' | 'exec.exit' | 'exec.stdin-ack']: [K, Notices[K], Buffer] };
type AnyNotice = ExecNotice[keyof ExecNotice];
type Process = { drone: string; id: string };

/** The client's side of one exec. It listens before the request is sent, so early output is not lost. */
export class RunningExec implements Execution {
  processes: Process[] = [];
  failed: { drone: string; error: FleetError }[] = [];
  /** Ids of processes that have not ended; null until the hub has said which were started. */
  private open: Set<string> | null = null;
  private readonly ended = new Set<string>();
  /** Notices without a key, from a hub of fleet 1.0, that arrived before the ids were known. */
  private early: AnyNotice[] = [];
  private readonly unacked = new Map<string, number>();
  private readonly queue = new Queue<ExecChunk | ExecExit>(Number.POSITIVE_INFINITY);
  private readonly stop: () => void;
  /** How many bytes the reader takes between acknowledgements. */
  private ackEvery = EXEC_WINDOW_BYTES / 8;
  /** Bytes of input that each process has not taken yet, by id. */
  private readonly stdinUnacked = new Map<string, number>();
  private stdinWake: (() => void) | undefined;

  /** `key` is that of the request; `absent` as in {@link Execution}. */
  constructor(
    private readonly link: Link,
    private readonly key: string,
    readonly absent: Record<string, number> = {},
  ) {
    const output = (params: Notices['exec.output'], body: Buffer) => this.take(['exec.output', params, body]);
    const exit = (params: Notices['exec.exit']) => this.take(['exec.exit', params, EMPTY]);
    const ack = (params: Notices['exec.stdin-ack']) => this.take(['exec.stdin-ack', params, EMPTY]);
    const lost = () =>
      this.queue.end(
        new FleetError('ECLOSED', 'the connection to the hub was lost; the processes of this exec are ended'),
      );
    link.on('exec.output', output).on('exec.exit', exit).on('exec.stdin-ack', ack).on('lost', lost);
    this.stop = () => {
      link.off('exec.output', output).off('exec.exit', exit).off('exec.stdin-ack', ack).off('lost', lost);
      this.stdinWake?.();
    };
  }

  /** Takes the hub's answer: what was started, and what was not. */
  started({ drones }: CheckedClientAnswers['exec.start']): this {
    const entries = Object.entries(drones).sort(([a], [b]) => (a < b ? -1 : 1));
    this.processes = entries.flatMap(([drone, { id, error }]) => (error ? [] : [{ drone, id }]));
    this.failed = entries.flatMap(([drone, { error }]) => (error ? [{ drone, error: fromWire(error) }] : []));
    this.ackEvery = execWindow(entries.length) / 8;
    this.open = new Set(this.processes.map(({ id }) => id).filter((id) => !this.ended.has(id)));
    const { early } = this;
    this.early = [];
    for (const notice of early) this.take(notice);
    if (this.open.size === 0) this.queue.end();
    return this;
  }

  /** Stops listening: the request failed. */
  abandon(): void {
    this.stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ExecChunk | ExecExit, void> {
    for await (const item of this.queue.read(this.stop)) {
      yield item;
      if ('bytes' in item) this.ack(item);
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { key } = this;
    // Calls rather than notifications: the caller may exit right after this. A process that has just ended is fine.
    const calls = this.running().map((process) =>
      this.link.callOnce('exec.kill', { ...process, key, signal }),
    );
    await Promise.allSettled(calls);
  }

  async resize(size: TerminalSize): Promise<void> {
    for (const { drone } of this.running())
      await this.link.notify('exec.resize', { drone, key: this.key, ...size });
  }

  /** Forwards `input` to every process, as fast as the slowest reads, and then closes their input. */
  async forward(input: NodeJS.ReadableStream): Promise<void> {
    const { key, link } = this;
    const isOpen = () => this.running().length > 0;
    for await (const chunk of input) {
      const bytes = Buffer.from(chunk as Buffer);
      for (let at = 0; at < bytes.length && isOpen(); at += MAX_PIECE_BYTES) {
        const piece = bytes.subarray(at, at + MAX_PIECE_BYTES);
        while (!this.hasRoom() && isOpen())
          await new Promise<void>((resolve) => {
            this.stdinWake = resolve;
          });
        for (const process of this.running()) {
          this.stdinUnacked.set(process.id, (this.stdinUnacked.get(process.id) ?? 0) + piece.length);
          await link.notify('exec.stdin', { ...process, key, end: false }, piece);
        }
      }
      if (!isOpen()) return;
    }
    for (const process of this.running()) await link.notify('exec.stdin', { ...process, key, end: true });
  }

  private running(): Process[] {
    return this.processes.filter(({ id }) => this.open?.has(id));
  }

  /** True if every process has room for more input. */
  private hasRoom(): boolean {
    return this.running().every(({ id }) => (this.stdinUnacked.get(id) ?? 0) < EXEC_WINDOW_BYTES);
  }

  private take(notice: AnyNotice): void {
    const [method, params, body] = notice;
    const { drone, id, key } = params;
    if (key === null && !this.open) return void this.early.push(notice);
    if (key === null ? !this.open?.has(id) : key !== this.key) return;
    if (method === 'exec.stdin-ack') {
      this.stdinUnacked.set(id, (this.stdinUnacked.get(id) ?? 0) - params.bytes);
      this.stdinWake?.();
    } else if (method === 'exec.output') {
      this.queue.push({ drone, id, stream: params.stream, bytes: body });
    } else {
      const { code, signal, error } = params;
      this.queue.push({ drone, id, code, signal, exited: true, ...(error === undefined ? {} : { error }) });
      this.ended.add(id);
      this.stdinWake?.();
      if (this.open?.delete(id) && this.open.size === 0) this.queue.end();
    }
  }

  private ack({ drone, id, bytes }: ExecChunk): void {
    const taken = (this.unacked.get(id) ?? 0) + bytes.length;
    this.unacked.set(id, taken >= this.ackEvery ? 0 : taken);
    if (taken < this.ackEvery || this.ended.has(id)) return;
    void this.link.notify('exec.ack', { drone, id, key: this.key, bytes: taken }).catch(() => {});
  }
}
