import type { WebSocket } from 'ws';
import { monotonicMs } from '../system/monotonic.ts';

/** Longer intervals are of no use, and node's timers break at 2^31 ms. */
const LONGEST_INTERVAL = 60_000;

/**
 * Detects a peer that no longer answers although its connection is open (a pulled cable sends no FIN): pings it unless it was
 * heard just now, and calls `dead` after `deadAfter` milliseconds without a frame.
 */
export class Heartbeat {
  private lastSeen = monotonicMs();
  private lastTick = monotonicMs();
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
    socket.on('ping', () => this.seen(monotonicMs()));
    socket.on('pong', () => this.seen(monotonicMs()));
    this.timer = setInterval(() => this.tick(), this.every).unref();
  }

  /** Notes that a frame arrived; `now` is of monotonicMs. */
  seen(now: number): void {
    this.lastSeen = now;
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.lastChance);
  }

  private tick(): void {
    const now = monotonicMs();
    // Of two ends, the one that pings more often does it for both.
    const isHeard = now - this.lastSeen < this.every / 2;
    // If this process was suspended, or reads nothing now, the silence says nothing about the peer.
    if (now - this.lastTick > 2 * this.every || this.socket.isPaused) this.lastSeen = now;
    this.lastTick = now;
    if (!isHeard && this.socket.readyState === this.socket.OPEN) this.socket.ping();
    const left = this.lastSeen + this.deadAfter - now;
    // The deadline is before the next tick, so check then.
    if (left < this.every) this.judgeIn(Math.max(0, left));
  }

  private judgeIn(ms: number): void {
    const before = this.lastSeen;
    const due = monotonicMs() + ms;
    clearTimeout(this.lastChance);
    // After reading what has arrived meanwhile, and only if this process was not held up itself.
    const judge = () =>
      this.lastSeen === before && monotonicMs() - due < this.every && !this.stopped && this.dead();
    this.lastChance = setTimeout(() => setImmediate(judge), ms).unref();
  }
}
