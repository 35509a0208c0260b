import type { EventEmitter } from 'node:events';

/** Gets a message, and what answers it; null if a message of one's own went to nobody. */
export type Heard = (data: Buffer | null, answer: (data: Uint8Array) => void) => void;

/**
 * Messages between hubs that share an engine: each arrives at most once, and those of one sender in order, at whoever is
 * subscribed to their subject at that moment. Emits `down` when messages may have been lost, and `up` when the engine is
 * reached again.
 */
export interface Bus extends EventEmitter<{ down: []; up: [] }> {
  /** Bytes that one message may have. */
  readonly maxBytes: number;
  /** With `from`, a subject of one's own, null is heard there if nobody is subscribed. */
  publish(subject: string, data: Uint8Array, from?: string): void;
  /** Returns what ends it. */
  subscribe(subject: string, heard: Heard): () => void;
  /** Resolves to the first answer; null if there is none within that time, or nobody is subscribed. */
  request(subject: string, data: Uint8Array, timeoutMs: number): Promise<Buffer | null>;
}
