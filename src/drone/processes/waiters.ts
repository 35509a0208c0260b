import type { Request } from './phases.ts';

interface Waiter {
  resolve(killed: boolean): void;
  reject(error: unknown): void;
}

/** Callers that wait for the answer to a request. */
export class Waiters {
  private readonly waiting: Record<Request, Waiter[]> = { spawn: [], stop: [], restart: [], suspend: [] };

  /** Resolves with the next answer to this request, to true if SIGKILL was needed. Rejects if it is refused. */
  answerTo(request: Request): Promise<boolean> {
    return new Promise((resolve, reject) => this.waiting[request].push({ resolve, reject }));
  }

  answer(requests: readonly Request[], killed: boolean): void {
    for (const waiter of this.take(requests)) waiter.resolve(killed);
  }

  refuse(requests: readonly Request[], why: unknown): void {
    for (const waiter of this.take(requests)) waiter.reject(why);
  }

  private take(requests: readonly Request[]): Waiter[] {
    return requests.flatMap((request) => this.waiting[request].splice(0));
  }
}
