import type { Output } from './io.ts';

/** What node has beneath a stream; undocumented, but as old as node's streams for terminals. */
interface Handle {
  setBlocking?(isBlocking: boolean): void;
}

/**
 * From now on, a terminal that stands still (Ctrl-S) does not hold up this process: what is written waits in memory, and
 * `writableNeedDrain` says so. By default, node waits within write(2), and answers nobody meanwhile.
 */
export function unblock({ stdout, stderr }: Output): void {
  for (const stream of [stdout, stderr])
    if (stream.isTTY) (stream as { _handle?: Handle })._handle?.setBlocking?.(false);
}
