/** Bytes in one message. */
export const MAX_MESSAGE = 4 * 1024 * 1024;
/** Bytes in one message from a hub: `ps` of a large fleet. */
export const MAX_ANSWER = 64 * 1024 * 1024;
/** Bytes that may wait for one peer before its connection is given up, whatever they are. */
export const MAX_UNREAD = 64 * 1024 * 1024;
/** Bytes in one piece of output. */
export const MAX_PIECE = 256 * 1024;
/** Bytes that may wait for one peer before its output is dropped (monitor) or held back (exec). */
export const MAX_BUFFERED = 4 * 1024 * 1024;
/** Bytes of one exec's streams that may be under way and not yet taken. */
export const EXEC_WINDOW = 2 * 1024 * 1024;
/** Bytes of all execs that one client has started together. */
const EXEC_WINDOWS = 32 * 1024 * 1024;
/** Milliseconds between pings. */
export const PING_EVERY = 8_000;
/** Milliseconds without a sign of life after which a connection is dead. */
export const DEAD_AFTER = 24_000;
/** Milliseconds that a client waits for the hub, unless --timeout says otherwise. */
export const DEFAULT_TIMEOUT = 10_000;
/** Milliseconds that a hub remembers a drone that it lost. */
export const REMEMBER_LOST = 3_600_000;
/** Between SIGTERM and SIGKILL, unless --grace says otherwise. */
export const DEFAULT_GRACE_MS = 5_000;
/** Milliseconds that a drone may take to fetch, check out and start something, before its hub answers for it. */
export const ORDER_PATIENCE = 900_000;

/** Returns the window of each exec if a client starts so many at once: together they share its buffer at the hub. */
export function execWindow(execs: number): number {
  return Math.min(EXEC_WINDOW, Math.floor(EXEC_WINDOWS / Math.max(1, execs)));
}
