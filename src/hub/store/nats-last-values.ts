import type { ConsumerMessages, JsMsg, PushConsumer } from '@nats-io/jetstream';
import { FleetError } from '../../protocol/errors.ts';
import type { NatsLink } from './nats-link.ts';

/** A list that takes longer has been lost: a consumer dies without a word with the server that it is on. */
const LIST_WITHIN_MS = 5_000;

interface Wanted {
  stream: string;
  /** One subject, with wildcards: servers before 2.10 have one filter a consumer. */
  filter: string;
  /** Without what the messages contain. */
  headersOnly: boolean;
  /** Called with the last message of each subject, and then with each new one. */
  heard(message: JsMsg): void;
}

/** Reads the last message of each subject of a stream, and then what comes. It costs the engine a consumer until it is closed. */
export class LastValues {
  private constructor(
    private readonly consumer: PushConsumer,
    private readonly messages: ConsumerMessages,
  ) {}

  /** Resolves when the last messages of now were heard. Rejects with ECLUSTER, as `ask` does. */
  static async open(link: NatsLink, wanted: Wanted): Promise<LastValues> {
    const consumer = await link.ask(({ js }) =>
      js.consumers.getPushConsumer(wanted.stream, {
        filter_subjects: wanted.filter,
        deliver_policy: 'last_per_subject',
        headers_only: wanted.headersOnly,
      }),
    );
    let whole: () => void = () => {};
    const isWhole = new Promise<void>((resolve) => {
      whole = resolve;
    });
    const messages = await consumer.consume({
      callback: (message) => {
        wanted.heard(message);
        // One that is replaced before it is sent is left out, but then what has replaced it comes.
        if (message.info.pending === 0) whole();
      },
    });
    const values = new LastValues(consumer, messages);
    const { num_pending: pending } = await consumer.info(true);
    if (pending === 0) whole();
    return (await values.within(isWhole)) ? values : values.lost(link);
  }

  /** Resolves when nothing more comes. */
  closed(): Promise<unknown> {
    return this.messages.closed();
  }

  async close(): Promise<void> {
    await this.messages.close();
    // Without that, it costs the engine something for five more minutes.
    await this.consumer.delete().catch(() => {});
  }

  private async within(isWhole: Promise<void>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), LIST_WITHIN_MS);
    });
    const over = this.messages.closed().then(() => false);
    try {
      return await Promise.race([isWhole.then(() => true), late, over]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async lost(link: NatsLink): Promise<never> {
    void this.close();
    throw new FleetError(
      'ECLUSTER',
      `the cluster at ${link.where} does not say what it keeps; try again later`,
    );
  }
}
