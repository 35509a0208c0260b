import type { FleetError } from '../../protocol/errors.ts';
import type { Interest } from '../../protocol/events.ts';
import type { PeerFeatures } from '../../protocol/features.ts';
import { ORDERS, type Orders } from '../../protocol/orders.ts';
import { Caller } from '../../rpc/calls.ts';
import { EMPTY } from '../../rpc/frames.ts';
import { type DroneConnection, REPLACED } from '../drones/drone.ts';
import type { DroneLink } from './drone-link.ts';

/** The connection of a drone with another hub: orders go there. */
export class RemoteConnection implements DroneConnection {
  readonly orders: Caller<Orders>;
  readonly gone: Promise<FleetError>;
  /** Says that it has ended. */
  lose: (why: FleetError) => void = () => {};

  constructor(
    private readonly link: DroneLink,
    /** The drone's number there. */
    private readonly drone: number,
    readonly features: PeerFeatures,
  ) {
    this.gone = new Promise((resolve) => {
      this.lose = resolve;
    });
    const peer = {
      features,
      call: async (method: string, params: unknown, timeout = 0, body = EMPTY) => {
        if (method !== 'watch') return link.order(drone, { method, params, timeout, body });
        link.watch(drone, params as Interest);
        return { result: null, body: EMPTY };
      },
      notify: (method: string, params: unknown, body = EMPTY) => link.inform(drone, method, params, body),
    };
    this.orders = new Caller(peer, ORDERS, 'the drone');
  }

  /** That it was replaced by a newer one, its hub hears from where that is. */
  end(code: number, reason: string): void {
    if (code !== REPLACED) this.link.end(this.drone, reason);
  }
}
