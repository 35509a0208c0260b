import type { Notices } from '../protocol/answers.ts';
import { EMPTY } from '../protocol/bytes.ts';
import { FleetError } from '../protocol/errors.ts';
import { EXEC_WINDOW, execWindow, MAX_PIECE } from '../protocol/limits.ts';
import type { Link } from './link.ts';
import { Queue } from './queue.ts';
import type { ExecChunk, ExecExit, Execution } from './types.ts';

type Notice = { [K in 'exec.output' | 'exec.exit' | 'exec.stdin-ack']: [K, Notices[K], Buffer] };
type AnyNotice = Notice[keyof Notice];

/** The processes of one exec, as their client sees them. */
export class RunningExec implements Execution {
  private readonly open = new Set<string>();
  private readonly unacked = new Map<string, number>();
  private readonly queue = new Queue<ExecChunk | ExecExit>(Number.POSITIVE_INFINITY);
  private readonly stop: () => void;
  /** Bytes taken by the reader before the drone is told that it may send as many again. */
  private readonly ackEvery: number;
  private stdinUnacked = 0;
  private stdinWake: (() => void) | undefined;

  /** `early` is what came before the hub had said which processes there are. */
  constructor(
    private readonly link: Link,
    readonly processes: { drone: string; id: string }[],
    readonly failed: { drone: string; error: FleetError }[],
    early: AnyNotice[],
  ) {
    this.ackEvery = execWindow(processes.length + failed.length) / 8;
    for (const { id } of processes) this.open.add(id);
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
    for (const notice of early) this.take(notice);
    if (processes.length === 0) this.queue.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ExecChunk | ExecExit, void> {
    for await (const item of this.queue.read(this.stop)) {
      yield item;
      if ('bytes' in item) this.ack(item);
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const sent = this.processes.filter(({ id }) => this.open.has(id));
    // Calls, for whoever says this may be gone the moment it is said; one that has ended meanwhile needs no signal.
    const calls = sent.map((process) => this.link.callOnce('exec.kill', { ...process, signal }));
    await Promise.allSettled(calls);
  }

  /** Sends what `input` gives to the one process, no faster than it reads, and then the end of it. */
  async forward(input: NodeJS.ReadableStream): Promise<void> {
    const [process] = this.processes;
    if (!process) return;
    for await (const chunk of input) {
      const bytes = Buffer.from(chunk as Buffer);
      for (let at = 0; at < bytes.length && this.open.has(process.id); at += MAX_PIECE) {
        const piece = bytes.subarray(at, at + MAX_PIECE);
        await this.stdinRoom(process.id);
        this.stdinUnacked += piece.length;
        await this.link.notify('exec.stdin', { ...process, end: false }, piece);
      }
      if (!this.open.has(process.id)) return;
    }
    await this.link.notify('exec.stdin', { ...process, end: true });
  }

  private take([method, params, body]: AnyNotice): void {
    const { drone, id } = params;
    if (!this.open.has(id)) return;
    if (method === 'exec.stdin-ack') {
      this.stdinUnacked -= params.bytes;
      this.stdinWake?.();
    } else if (method === 'exec.output') {
      this.queue.push({ drone, id, stream: params.stream, bytes: body });
    } else {
      const { code, signal, error } = params;
      this.open.delete(id);
      this.stdinWake?.();
      this.queue.push({ drone, id, code, signal, exited: true, ...(error === undefined ? {} : { error }) });
      if (this.open.size === 0) this.queue.end();
    }
  }

  private ack({ drone, id, bytes }: ExecChunk): void {
    const taken = (this.unacked.get(id) ?? 0) + bytes.length;
    this.unacked.set(id, taken >= this.ackEvery ? 0 : taken);
    if (taken >= this.ackEvery && this.open.has(id))
      void this.link.notify('exec.ack', { drone, id, bytes: taken }).catch(() => {});
  }

  private async stdinRoom(id: string): Promise<void> {
    while (this.stdinUnacked >= EXEC_WINDOW && this.open.has(id)) {
      await new Promise<void>((resolve) => {
        this.stdinWake = resolve;
      });
    }
  }
}

/** Notes what the hub says of execs from now on, for the one that is being started. */
export function listenEarly(link: Link): () => AnyNotice[] {
  const notices: AnyNotice[] = [];
  const output = (params: Notices['exec.output'], body: Buffer) =>
    void notices.push(['exec.output', params, body]);
  const exit = (params: Notices['exec.exit']) => void notices.push(['exec.exit', params, EMPTY]);
  link.on('exec.output', output).on('exec.exit', exit);
  return () => {
    link.off('exec.output', output).off('exec.exit', exit);
    return notices;
  };
}
