import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { FleetError } from '../../protocol/errors.ts';
import type { Engine } from './nats-dial.ts';
import { isNameTaken, isNoStream, isTooFewPeers } from './nats-errors.ts';
import type { NatsLink } from './nats-link.ts';

/** Versions of a key that are kept, for whoever looks into it with `nats kv history`. */
const HISTORY = 5;
const MAX_REPLICAS = 3;
const NS_PER_MS = 1_000_000;

export interface BucketOptions {
  name: string;
  /** After so long a value is gone by itself; null for never. */
  ttlMs: number | null;
  /** Returns what is stored anew if the servers have lost it. */
  remembered?: () => Iterable<readonly [key: string, data: Buffer]>;
  log?: (line: string) => void;
}

/**
 * Returns the stream of a bucket, which is made if there is none, with copies on three servers if there are so many. Rejects
 * with an error of the engine's.
 */
export async function openStream(link: NatsLink, options: BucketOptions): Promise<StreamInfo> {
  const info = await presentStream(link, options);
  const stream = info.config.name;
  const replicas = Math.min(MAX_REPLICAS, link.peers);
  if (info.config.num_replicas < replicas) await raise(link, stream, replicas);
  return info;
}

/** The same, with as many copies as it has. */
export async function presentStream(link: NatsLink, options: BucketOptions): Promise<StreamInfo> {
  const stream = `KV_${options.name}`;
  return (await link.ask((engine) => find(engine, stream))) ?? (await make(link, options));
}

function find({ jsm }: Engine, stream: string): Promise<StreamInfo | null> {
  return jsm.streams.info(stream).catch((error: unknown) => {
    if (isNoStream(error)) return null;
    throw error;
  });
}

/** With fewer copies than it should have, if some of its servers stay away. */
async function make(link: NatsLink, options: BucketOptions): Promise<StreamInfo> {
  for (let replicas = Math.min(MAX_REPLICAS, link.peers); ; replicas--) {
    const config = configOf(options, replicas);
    try {
      return await link.ask(async (engine) => {
        try {
          return await engine.jsm.streams.add(config);
        } catch (error) {
          const made = isNameTaken(error) ? await find(engine, config.name) : null;
          if (made) return made;
          throw error;
        }
      });
    } catch (error) {
      const cause = error instanceof FleetError ? error.cause : error;
      if (replicas === 1 || !isTooFewPeers(cause)) throw error;
    }
  }
}

/** There may be more servers now. As long as it does not work, it stays as it is. */
async function raise(link: NatsLink, stream: string, replicas: number): Promise<void> {
  await link.ask(({ jsm }) => jsm.streams.update(stream, { num_replicas: replicas })).catch(() => {});
}

function configOf(
  { name, ttlMs }: BucketOptions,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    num_replicas: replicas,
    max_msgs_per_subject: HISTORY,
    max_age: (ttlMs ?? 0) * NS_PER_MS,
    storage: 'file',
    discard: 'new',
    // Any copy may answer then, also an old one.
    allow_direct: false,
    allow_rollup_hdrs: true,
  };
}
