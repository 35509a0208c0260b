import type { NatsBucket } from './nats-bucket.ts';
import type { LastValues } from './nats-last-values.ts';
import type { NatsLink } from './nats-link.ts';
import type { Stored } from './nats-stored.ts';
import { Revisions } from './revisions.ts';
import type { Hint } from './store.ts';

/** A watch may die without a word, so that the bucket is asked after so long whether all was heard: somewhere in between, for each hub. */
const CHECK_AFTER_MS = { least: 30_000, most: 60_000 };
const TRY_AGAIN_AFTER_MS = 1_000;

/** Tells which keys of a bucket have changed, also while the connection was down. It costs the engine one consumer. */
export class NatsWatch {
  private readonly revisions = new Revisions();
  private values: LastValues | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isListing = false;

  private constructor(
    private readonly link: NatsLink,
    private readonly bucket: NatsBucket,
    private readonly changed: Hint,
  ) {}

  /** Resolves when it knows what is there now. Rejects with ECLUSTER. */
  static async open(link: NatsLink, bucket: NatsBucket, changed: Hint): Promise<NatsWatch> {
    const watch = new NatsWatch(link, bucket, changed);
    await watch.list(() => {});
    link.on('up', watch.again);
    return watch;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.link.off('up', this.again);
    clearTimeout(this.timer);
    await this.values?.close();
  }

  private readonly again = (): void => {
    if (this.isListing || this.isClosed) return;
    this.list(this.changed).catch(() => this.later(TRY_AGAIN_AFTER_MS, this.again));
  };

  private later(ms: number, act: () => void): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(act, ms).unref();
  }

  private checkLater(): void {
    const { least, most } = CHECK_AFTER_MS;
    this.later(least + Math.random() * (most - least), () => void this.check());
  }

  /** Lists everything anew if something was not heard. */
  private async check(): Promise<void> {
    const { timer } = this;
    const extent = await this.bucket.extent().catch(() => null);
    // It was listed meanwhile, or will be.
    if (this.timer !== timer) return;
    const { newest, keys } = this.revisions;
    if (extent?.last === newest && extent.keys === keys) this.checkLater();
    else this.again();
  }

  private async list(changed: Hint): Promise<void> {
    this.isListing = true;
    const listed = new Set<string>();
    let isWhole = false;
    const heard = ({ key, revision }: Stored) => {
      listed.add(key);
      if (this.revisions.isNews(key, revision)) (isWhole ? this.changed : changed)(key, revision);
    };
    try {
      const before = this.values;
      const values = await this.bucket.follow('>', { headersOnly: true }, heard);
      isWhole = true;
      this.values = values;
      if (this.isClosed) return void values.close();
      for (const key of this.revisions.missing(listed)) changed(key, null);
      // Not waited for: the connection that it is on may be gone.
      void before?.close();
      void values.closed().then(() => values === this.values && this.later(TRY_AGAIN_AFTER_MS, this.again));
      this.checkLater();
    } finally {
      this.isListing = false;
    }
  }
}
