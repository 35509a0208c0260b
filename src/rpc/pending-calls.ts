import { FleetError, fromWire } from '../protocol/errors.ts';
import { receivedReply } from './long-answer.ts';

/** The answer to a call: a result, and a body of bytes. */
export interface Answer {
  result: unknown;
  body: Buffer;
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: FleetError): void;
  timer: NodeJS.Timeout | undefined;
}

/** The unanswered calls of one end of a connection, each with its own timer. */
export class PendingCalls {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  get size(): number {
    return this.pending.size;
  }

  /**
   * Numbers a call, has `send` send it, and waits for its answer. Rejects with ETIMEOUT after `timeout` milliseconds
   * (0: never), and with whatever `send` throws.
   */
  start(method: string, timeout: number, send: (id: number) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const timer = timeout > 0 ? setTimeout(() => this.expire(id, method, timeout), timeout) : undefined;
      this.pending.set(id, { resolve, reject, timer });
      try {
        send(id);
      } catch (error) {
        this.take(id);
        reject(error);
      }
    });
  }

  /** Settles a call with the other end's reply, unless it timed out. Throws EPROTOCOL if the reply is not JSON. */
  settle(id: number, error: string, result: string, body: Buffer): void {
    const pending = this.take(id);
    if (!pending) return;
    try {
      if (error !== '') pending.reject(fromWire(JSON.parse(error) as { code: string; message: string }));
      else {
        const reply = receivedReply({ result, body });
        pending.resolve({ result: JSON.parse(reply.result) as unknown, body: reply.body });
      }
    } catch (cause) {
      const broken = new FleetError('EPROTOCOL', 'the answer is not JSON', { cause });
      pending.reject(broken);
      throw broken;
    }
  }

  /** Rejects every unanswered call. */
  rejectAll(error: FleetError): void {
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(error);
  }

  private expire(id: number, method: string, timeout: number): void {
    this.take(id)?.reject(new FleetError('ETIMEOUT', `no answer to ${method} within ${timeout / 1000} s`));
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }
}
