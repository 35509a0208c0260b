import { setTimeout as sleep } from 'node:timers/promises';
import { clusterError, isNoStream } from './nats-errors.ts';
import type { NatsLink } from './nats-link.ts';
import { type BucketOptions, presentStream } from './nats-stream.ts';

/** Until a stream that is not there is looked for again. */
const LOOK_AGAIN_MS = 200;

/** Makes sure that a stream is the one that was opened: servers that have lost what they kept have none, or a new one. */
export class SameStream {
  private isSure = true;
  private doubts = 0;
  private looking: Promise<void> | null = null;

  constructor(
    private readonly link: NatsLink,
    private readonly options: BucketOptions,
    /** When it was created, in ms since 1970, by the clock of the engine. */
    public created: number,
    /** Called if another one is there, before anybody uses that. */
    private readonly replaced: () => Promise<void>,
  ) {
    link.on('down', this.doubt);
  }

  /** Resolves when the stream is there. Rejects with ECLUSTER. */
  async sure(): Promise<void> {
    if (this.isSure) return;
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  /**
   * Does something with the stream when it is there. A server that has not heard yet of one that was made just now says that there
   * is none: then it is done again, and the stream made anew if it is lost. Rejects with ECLUSTER, and what `act` does.
   */
  async on<T>(act: () => Promise<T>, until = this.link.deadline): Promise<T> {
    for (;;) {
      await this.sure();
      try {
        return await act();
      } catch (error) {
        const isMissing = isNoStream(error);
        if (isMissing) this.doubt();
        if (!isMissing || performance.now() + LOOK_AGAIN_MS >= until)
          throw clusterError(this.link.where, error);
      }
      await sleep(LOOK_AGAIN_MS);
    }
  }

  close(): void {
    this.link.off('down', this.doubt);
  }

  private readonly doubt = (): void => {
    this.isSure = false;
    this.doubts++;
  };

  private async look(): Promise<void> {
    const { doubts } = this;
    try {
      const created = Date.parse((await presentStream(this.link, this.options)).created);
      if (created !== this.created) await this.replaced();
      this.created = created;
      this.isSure = doubts === this.doubts;
    } catch (error) {
      throw clusterError(this.link.where, error);
    }
  }
}
