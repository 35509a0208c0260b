import { MAX_BUFFERED_BYTES } from '../protocol/limits.ts';
import type { Logs } from './logs/logs.ts';
import type { LogStream } from './logs/stream.ts';
import type { Uplink } from './uplink.ts';

/** Returns the stream of output to the hub. Output waits on disk while the connection is slow. */
export function streamToHub(logs: Logs, uplink: Uplink): LogStream {
  return logs.stream({
    hasRoom: () => uplink.peer !== null && uplink.peer.buffered < MAX_BUFFERED_BYTES,
    takesUnfinished: () => uplink.peer?.features.has('unfinished-lines') ?? false,
    emit: (piece, body) => uplink.notify('output', piece, body),
  });
}
