import { FleetError } from '../protocol/errors.ts';
import type { DroneConnection } from './drones/drone.ts';

/** How long others are waited for once a drone has answered: since then, or since a drone's fetch got further. */
const STRAGGLER_MS = 120_000;
/** The same for a drone that has not answered an earlier deploy. */
const AGAIN_MS = 5_000;

/** Drones that were given up in a deploy, and have not answered since: how many orders of each. */
export class Overdue {
  private readonly counts = new WeakMap<DroneConnection, number>();

  has(connection: DroneConnection): boolean {
    return (this.counts.get(connection) ?? 0) > 0;
  }

  /** Counts an order until it is answered. */
  add(connection: DroneConnection, answered: Promise<unknown>): void {
    const change = (by: number) => this.counts.set(connection, (this.counts.get(connection) ?? 0) + by);
    change(1);
    answered.catch(() => {}).finally(() => change(-1));
  }
}

/** A drone that has not answered yet. */
interface Waiting {
  /** It has not answered an earlier deploy either. */
  isOverdue: boolean;
  /** When it was asked, or when its fetch got further (performance.now), and how far that is. */
  sign: number;
  percent: number;
  giveUp(): void;
}

/** How long one deploy waits for drones that might never answer. */
export class Stragglers {
  private lastAnswer: number | null = null;
  private readonly waiting = new Map<string, Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly overdue: Overdue,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Settles as `answer` does. Rejects with ETIMEOUT if the drone is given up, which happens to drones of a token only:
   * those that joined with the hub's secret (null) are waited for.
   */
  wait<T>(name: string, connection: DroneConnection, answer: Promise<T>, token: string | null): Promise<T> {
    const over = () => {
      this.waiting.delete(name);
      this.lastAnswer = this.now();
      this.plan();
    };
    answer.then(over, over);
    if (token === null) return answer;
    return new Promise<T>((resolve, reject) => {
      answer.then(resolve, reject);
      const giveUp = () => {
        this.overdue.add(connection, answer);
        const message = `${name} has not answered, though others have; it gets the commit if it still can`;
        reject(new FleetError('ETIMEOUT', message));
      };
      const isOverdue = this.overdue.has(connection);
      this.waiting.set(name, { isOverdue, percent: -1, sign: this.now(), giveUp });
      this.plan();
    });
  }

  /** Takes how far the fetch of a drone is. */
  sign(name: string, percent: number | null): void {
    const one = this.waiting.get(name);
    if (!one || (percent ?? 0) <= one.percent) return;
    Object.assign(one, { percent: percent ?? 0, sign: this.now() });
    this.plan();
  }

  /** The deploy is over. */
  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  /** Gives up whom it is time to give up, and looks again when it is time for the next one. */
  private plan(): void {
    clearTimeout(this.timer);
    if (this.isOver) return;
    const now = this.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [name, one] of this.waiting) {
      const due = dueOf(one, this.lastAnswer);
      if (due > now) next = Math.min(next, due);
      else if (this.waiting.delete(name)) one.giveUp();
    }
    if (Number.isFinite(next)) this.timer = setTimeout(() => this.plan(), Math.ceil(next - now)).unref();
  }
}

/** Returns when a drone is given up (performance.now), if no drone answers before that. */
export function dueOf({ isOverdue, sign }: Pick<Waiting, 'isOverdue' | 'sign'>, lastAnswer: number | null) {
  if (isOverdue) return sign + AGAIN_MS;
  return lastAnswer === null ? Number.POSITIVE_INFINITY : Math.max(sign, lastAnswer) + STRAGGLER_MS;
}
