import type { WebSocket } from 'ws';

/**
 * Notices a peer that no longer answers although its connection stands (a pulled cable sends no FIN). Pings, and
 * calls `dead` after `deadAfter` milliseconds without any frame.
 */
export class Heartbeat {
  private lastSeen = performance.now();
  private lastTick = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly socket: WebSocket,
    private readonly every: number,
    private readonly deadAfter: number,
    private readonly dead: () => void,
  ) {
    socket.on('ping', () => this.seen());
    socket.on('pong', () => this.seen());
    this.timer = setInterval(() => this.tick(), every).unref();
  }

  seen(): void {
    this.lastSeen = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    // When this process itself was stopped for a while, its silence is no sign of the other's death.
    if (now - this.lastTick > 2 * this.every) this.lastSeen = now;
    this.lastTick = now;
    if (now - this.lastSeen > this.deadAfter) return this.dead();
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }
}
