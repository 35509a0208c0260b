import type { WebSocket } from 'ws';

/** Longer intervals than this help nobody, and node's timers break at 2^31 ms. */
const LONGEST_INTERVAL = 60_000;

/**
 * Notices a peer that no longer answers although its connection stands (a pulled cable sends no FIN). Pings, and
 * calls `dead` after `deadAfter` milliseconds without any frame.
 */
export class Heartbeat {
  private lastSeen = performance.now();
  private lastTick = performance.now();
  private readonly every: number;
  private readonly timer: NodeJS.Timeout;
  private lastChance: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly socket: WebSocket,
    every: number,
    private readonly deadAfter: number,
    private readonly dead: () => void,
  ) {
    this.every = Math.min(every, LONGEST_INTERVAL);
    socket.on('ping', () => this.seen(performance.now()));
    socket.on('pong', () => this.seen(performance.now()));
    this.timer = setInterval(() => this.tick(), this.every).unref();
  }

  /** A frame has come; `now` is performance.now. */
  seen(now: number): void {
    this.lastSeen = now;
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.lastChance);
  }

  private tick(): void {
    const now = performance.now();
    // When this process itself was stopped for a while, its silence is no sign of the other's death.
    if (now - this.lastTick > 2 * this.every) this.lastSeen = now;
    this.lastTick = now;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
    const left = this.lastSeen + this.deadAfter - now;
    // The end of its time comes before the next tick: look then, and not only at that tick.
    if (left < this.every) this.judgeIn(Math.max(0, left));
  }

  private judgeIn(ms: number): void {
    const before = this.lastSeen;
    const due = performance.now() + ms;
    clearTimeout(this.lastChance);
    // After what has come meanwhile was read; and not where this process itself was held up.
    const judge = () =>
      this.lastSeen === before && performance.now() - due < this.every && !this.stopped && this.dead();
    this.lastChance = setTimeout(() => setImmediate(judge), ms).unref();
  }
}
