import { clusterError, isNoStream } from './nats-errors.ts';
import type { NatsLink } from './nats-link.ts';
import { type BucketOptions, presentStream } from './nats-stream.ts';

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

  /** An error of the engine's may say that there is no such stream. */
  note(error: unknown): void {
    if (isNoStream(error)) this.doubt();
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
