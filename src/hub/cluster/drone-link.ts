import type { Interest } from '../../protocol/events.ts';
import { EMPTY } from '../../rpc/frames.ts';
import type { Answer } from '../../rpc/pending-calls.ts';
import type { OtherHub } from './other-hubs.ts';

/** What this hub has the drones of another one do: each by the number that it has there. */
export class DroneLink {
  /** By the interest as text: of many drones, mostly the same is wanted. */
  private readonly watched = new Map<string, { interest: Interest; drones: number[] }>();

  constructor(readonly other: OtherHub) {}

  /** Resolves to what the drone answers. Rejects as the drone does, with ECLOSED, ETIMEOUT. */
  async order(
    drone: number,
    { method, params, timeout, body }: { method: string; params: unknown; timeout: number; body: Buffer },
  ): Promise<Answer> {
    this.tellWatched();
    const order = { drone, method, params, timeout };
    const { result, body: bytes } = await this.other.calls.call('drone.order', order, { timeout, body });
    return { result: result.result, body: bytes };
  }

  inform(drone: number, method: string, params: unknown, body = EMPTY): void {
    this.tellWatched();
    this.other.calls.notify('drone.inform', { drone, method, params }, body);
  }

  /** Says whose output is wanted: before the next order, and together with what is wanted of other drones. */
  watch(drone: number, interest: Interest): void {
    if (this.watched.size === 0) setImmediate(() => this.tellWatched());
    const text = JSON.stringify(interest);
    const known = this.watched.get(text);
    if (known) known.drones.push(drone);
    else this.watched.set(text, { interest, drones: [drone] });
  }

  again(drone: number): void {
    this.other.calls.notify('drones.again', { drone });
  }

  end(drone: number, reason: string): void {
    this.other.calls.notify('drone.end', { drone, reason: reason.slice(0, 1000) });
  }

  private tellWatched(): void {
    if (this.watched.size === 0) return;
    const watched = [...this.watched.values()];
    this.watched.clear();
    this.other.calls.notify('drone.watch', { watched });
  }
}
