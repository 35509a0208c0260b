import type { CheckedClientAnswers, ClientCalls } from '../protocol/client-calls.ts';
import type { Caller } from '../rpc/calls.ts';
import type { Dialled } from '../rpc/dial-any.ts';
import type { Listener } from './listener.ts';
import { combine } from './subscription.ts';

/** A connection, the hub at its other end, and the caller for that. */
export interface Connection extends Dialled {
  caller: Caller<ClientCalls>;
}

/** Returns what tells a hub from the others: its name, or its address if it has none. */
export function identityOf({ peer, hub }: Dialled): string {
  return peer.features.hub ?? hub.hub;
}

/** What the listeners of a client subscribe to; a connection has one subscription for all of them. */
export class Subscriptions {
  private readonly listeners = new Set<Listener>();

  /** Adds a listener, and tells the hub. */
  async add(
    listener: Listener,
    connected: () => Promise<Connection>,
  ): Promise<CheckedClientAnswers['subscribe']> {
    this.listeners.add(listener);
    const answer = await this.tell(await connected());
    if (answer) listener.answered(answer);
    return answer;
  }

  /** Returns false if it is not there. */
  remove(listener: Listener): boolean {
    return this.listeners.delete(listener);
  }

  /** Subscribes to what all want. An older hub does not know what they have missed. */
  async tell(connection: Connection): Promise<CheckedClientAnswers['subscribe']> {
    for (const listener of this.listeners) listener.meets(identityOf(connection));
    const wanted = combine(this.listeners);
    const { result } = await connection.caller.call('subscribe', wanted);
    if (result === null || !wanted.after) return result;
    return connection.peer.features.has('event-places') ? result : { ...result, missed: null };
  }
}
