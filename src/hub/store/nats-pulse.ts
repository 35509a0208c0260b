import type { NatsConnection } from '@nats-io/transport-node';
import { within } from '../../system/within.ts';

/** A server that has not answered a request for two seconds may be choosing a leader; a ping, it answers at once. */
const PONG_WITHIN_MS = 1_400;

/** Tells a server that is held up, or unreachable without a word, from one that has no answer yet. */
export class NatsPulse {
  private ping: Promise<boolean> | null = null;

  /** Resolves to false if the server does not answer a ping in time either. All who ask at the same time share one. */
  isFelt(connection: Pick<NatsConnection, 'flush'>): Promise<boolean> {
    // That the connection is interrupted is noticed elsewhere.
    const pong = () => connection.flush().then(yes, yes);
    this.ping ??= within(pong(), PONG_WITHIN_MS, false).finally(() => {
      this.ping = null;
    });
    return this.ping;
  }
}

const yes = () => true;
