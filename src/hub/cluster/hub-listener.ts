import type { CheckedDroneParams, Reports } from '../../protocol/drone-calls.ts';
import { type FleetError, toWire } from '../../protocol/errors.ts';
import type { Interest, OutputPiece } from '../../protocol/events.ts';
import { wanting } from '../../protocol/interest.ts';
import { MAX_BUFFERED_BYTES } from '../../protocol/limits.ts';
import { EMPTY } from '../../rpc/frames.ts';
import { countNewlines } from '../../system/lines.ts';
import type { News } from './introduced.ts';
import type { OtherHub } from './other-hubs.ts';
import { Outbox } from './outbox.ts';

/** How soon others hear of what a drone reports; of the rest, within 10 ms. Nobody waits for how busy a machine is. */
const WITHIN_MS: Partial<Record<keyof Reports, number>> = {
  ...{ output: 0, 'exec.output': 0, 'exec.exit': 0, 'exec.stdin-ack': 0 },
  ...{ machine: 500, fetching: 250 },
};
const SOON_MS = 10;

interface Wanted {
  interest: Interest;
  wants(piece: OutputPiece): boolean;
}

/** Another hub, which hears of this one's drones: each by its number. */
export class HubListener {
  private readonly outbox: Outbox;
  /** What is wanted of the output of each drone. */
  private readonly wanted = new Map<number, Wanted>();
  /** Lines of processes that were left out because the link was too slow. */
  private readonly dropped = new Map<string, number>();

  constructor(private readonly other: OtherHub) {
    this.outbox = new Outbox(other);
  }

  joined(drone: number, joined: NonNullable<News['joined']>): void {
    this.outbox.add({ drone, joined }, SOON_MS);
  }

  lost(drone: number, why: FleetError): void {
    this.wanted.delete(drone);
    this.outbox.add({ drone, lost: toWire(why) }, SOON_MS);
  }

  report(drone: number, method: keyof Reports, params: unknown, body = EMPTY): void {
    const report = { method, params, bytes: body.length };
    this.outbox.add({ drone, report }, WITHIN_MS[method] ?? SOON_MS, body);
  }

  /** Passes on output, if it is wanted; what the link is too slow for is counted. */
  output(drone: number, piece: CheckedDroneParams['output'], body: Buffer): void {
    if (!this.wanted.get(drone)?.wants(piece)) return;
    const { id, begun } = piece;
    const before = this.dropped.get(id) ?? 0;
    if (this.other.unreadBytes > MAX_BUFFERED_BYTES) {
      if (begun === undefined) this.dropped.set(id, before + countNewlines(body) + piece.dropped);
      return;
    }
    this.dropped.delete(id);
    this.report(drone, 'output', { ...piece, dropped: piece.dropped + before }, body);
  }

  want(drone: number, interest: Interest): void {
    this.wanted.set(drone, { interest, wants: wanting(interest) });
  }

  interestIn(drone: number): Interest[] {
    const wanted = this.wanted.get(drone);
    return wanted ? [wanted.interest] : [];
  }

  /** Tells all that there is to tell, before something else is said. */
  flush(): void {
    this.outbox.flush();
  }

  close(): void {
    this.outbox.close();
  }
}
