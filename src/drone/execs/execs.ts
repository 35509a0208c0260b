import { DRONE_CALLS } from '../../protocol/drone-calls.ts';
import type { CheckedOrderParams } from '../../protocol/orders.ts';
import { Caller } from '../../rpc/calls.ts';
import { lasting } from '../../rpc/lasting.ts';
import type { Peer } from '../../rpc/peer.ts';
import { ProcessTable } from '../processes/process-table.ts';
import { findProgram } from '../processes/program.ts';
import { Exec } from './exec.ts';
import type { ExecSink } from './exec-options.ts';
import { ExecRecords } from './exec-records.ts';
import { type PlaceOptions, placeOf } from './place.ts';
import { demandTerminals } from './terminal.ts';

export interface ExecsOptions extends PlaceOptions {
  /** The drone's directory. */
  dir: string;
}

/** The execs that run here now, each tied to the connection over which it was requested. */
export class Execs {
  private readonly running = new Map<string, Exec>();

  private readonly starting = new Set<string>();
  private readonly unwanted = new Set<string>();
  private readonly tied = new Map<Peer, Set<string>>();
  private readonly table: ProcessTable;
  private readonly records: ExecRecords;

  /** Throws EIO. */
  constructor(private readonly options: ExecsOptions) {
    this.table = new ProcessTable(options.mark);
    this.records = new ExecRecords(options.dir);
  }

  /** Ends an exec that nobody waits for any more, even while it is still being started. */
  abandon(id: string): void {
    if (this.starting.has(id)) this.unwanted.add(id);
    else void this.running.get(id)?.abandon();
  }

  get(id: string): Exec | undefined {
    return this.running.get(id);
  }

  /** Returns true if what runs under this id, and is nothing else's, was left behind by an exec that has ended. */
  hasLeft(id: string): boolean {
    return this.records.isLeftBehind(id);
  }

  get size(): number {
    return this.running.size;
  }

  /** Throws ESPAWN if it cannot be started, and whatever the checkout throws. */
  async start(peer: Peer, params: CheckedOrderParams['exec.start']): Promise<void> {
    const { id } = params;
    this.starting.add(id);
    try {
      await this.run(peer, params);
    } finally {
      this.starting.delete(id);
      if (this.unwanted.delete(id)) this.abandon(id);
    }
  }

  /** Ends all of them, because the drone goes away. */
  async endAll(): Promise<void> {
    await Promise.all([...this.running.values()].map((exec) => exec.abandon()));
  }

  private async run(peer: Peer, params: CheckedOrderParams['exec.start']): Promise<void> {
    const { id, stdin, window, terminal } = params;
    if (terminal) await demandTerminals();
    const place = await placeOf(params, this.options);
    if (terminal) findProgram(place.command, place.cwd, place.env['PATH']);
    const hub = new Caller(peer, DRONE_CALLS, 'the hub');
    const sink: ExecSink = {
      output: (stream, bytes) => hub.notify('exec.output', { id, stream }, lasting(bytes)),
      stdinAck: (bytes) => hub.notify('exec.stdin-ack', { id, bytes }),
      exit: (exit) => {
        this.running.delete(id);
        this.tied.get(peer)?.delete(id);
        this.records.remove(id);
        hub.notify('exec.exit', { id, ...exit });
      },
    };
    this.records.add(id);
    const exec = await Exec.start({ id, ...place, stdin, terminal, window, table: this.table }, sink).catch(
      (error: unknown) => {
        this.records.remove(id);
        throw error;
      },
    );
    this.running.set(id, exec);
    this.tie(peer, id);
  }

  /** Ends execs with their connection. One handler for all of them: a connection lives for weeks. */
  private tie(peer: Peer, id: string): void {
    const before = this.tied.get(peer);
    if (before) return void before.add(id);
    const ids = new Set([id]);
    this.tied.set(peer, ids);
    void peer.closed.then(() => {
      this.tied.delete(peer);
      for (const one of ids) this.abandon(one);
    });
  }
}
