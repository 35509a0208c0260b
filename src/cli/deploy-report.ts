import type { DeployProgress } from '../client/types.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { progressText } from './deploy-text.ts';
import { FetchText } from './fetch-text.ts';
import { note, type Output } from './io.ts';
import { Progress } from './progress.ts';

const TICK_MS = 1_000;

/** What a command shows while a commit is deployed: a line that is overwritten, or on a pipe a line now and then. */
export class DeployReport {
  private readonly progress: Progress;
  private readonly fetches = new FetchText();
  private readonly timer: NodeJS.Timeout;
  private text = '';

  constructor(private readonly io: Pick<Output, 'stderr'>) {
    this.progress = new Progress(io.stderr);
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
  }

  show(step: DeployProgress): void {
    const { fetching, said } = step;
    if (said !== undefined) this.say(said);
    if (fetching) this.fetches.add(fetching.drone, fetching, monotonicMs());
    this.text = progressText(step);
    this.draw();
  }

  /** Ends it. */
  clear(): void {
    clearInterval(this.timer);
    this.progress.clear();
  }

  private say(line: string): void {
    this.progress.erase();
    note(this.io, line);
  }

  private tick(): void {
    const due = this.fetches.due(monotonicMs());
    if (due !== null && !this.io.stderr.isTTY) note(this.io, due);
    this.draw();
  }

  private draw(): void {
    const waiting = this.fetches.line(monotonicMs());
    this.progress.show(waiting === '' ? this.text : `${this.text}; ${waiting}`);
  }
}
