import type { Duplex } from 'node:stream';
import type { Endpoint } from '../protocol/endpoints.ts';
import { InstanceConnections } from './instance-connections.ts';
import { connectError } from './probe.ts';

/** How often an instance that cannot be reached is tried. */
const PROBE_EVERY_MS = 500;
/** So many times in a row, and it is worth a line: one that has crashed is gone from the table by then. */
const TELL_AFTER = 4;

/** One instance: its connections, and the requests that are under way there. */
export class Backend {
  readonly connections: InstanceConnections;
  underWay = 0;
  /** True until it was reached. */
  isDoubtful = true;
  /** Ended if requests have held up its stop for too long; null while it is not leaving. */
  private deadline: NodeJS.Timeout | null = null;
  private probing: Promise<void> | null = null;
  private isOver = false;
  private readonly upgraded = new Set<Duplex>();

  constructor(
    readonly endpoint: Endpoint & { address: string },
    private readonly options: { log(line: string): void; emptied(backend: Backend): void },
  ) {
    this.connections = new InstanceConnections(endpoint);
  }

  get release(): number {
    return this.endpoint.release;
  }

  get isLeaving(): boolean {
    return this.deadline !== null;
  }

  /** Counts a request, until what it returns is called. */
  begin(): () => void {
    this.underWay++;
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      if (--this.underWay === 0) this.options.emptied(this);
    };
  }

  /** Takes a connection along that is not one of requests any more. */
  carry(socket: Duplex): void {
    this.upgraded.add(socket);
    socket.once('close', () => this.upgraded.delete(socket));
  }

  /** It gets no new requests: those under way end within `drainMs`, or are cut. */
  leave(drainMs: number): void {
    if (this.deadline) return;
    this.connections.retire();
    this.deadline = setTimeout(() => this.cut(), drainMs).unref();
  }

  /** It gets requests, again. */
  stay(): void {
    if (!this.deadline) return;
    clearTimeout(this.deadline);
    this.deadline = null;
    this.connections.reinstate();
  }

  /** Tries to reach it, and if it can't, again and again. Resolves after the first try. */
  probe(): Promise<void> {
    this.isDoubtful = true;
    this.probing ??= connectError(this.endpoint).then((error) => {
      if (error) void this.keepTrying(error);
      else this.reached();
    });
    return this.probing;
  }

  /** It is not in the table any more. */
  close(): void {
    this.isOver = true;
    this.connections.retire();
    if (this.deadline) clearTimeout(this.deadline);
  }

  cut(): void {
    this.connections.destroy();
    for (const socket of this.upgraded) socket.destroy();
  }

  private reached(): void {
    this.isDoubtful = false;
    this.probing = null;
  }

  private async keepTrying(first: Error): Promise<void> {
    let error: Error | null = first;
    for (let tries = 1; error && !this.isOver; tries++) {
      if (tries === TELL_AFTER) this.options.log(`cannot reach ${this.name}: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS).unref());
      error = await connectError(this.endpoint);
      if (!error && tries >= TELL_AFTER) this.options.log(`reaches ${this.name} again`);
    }
    this.reached();
  }

  private get name(): string {
    const { drone, id, app, service, slot } = this.endpoint;
    return `${drone}#${id} (${app} ${service}.${slot})`;
  }
}
