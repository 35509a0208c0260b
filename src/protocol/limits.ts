/** The largest message to a hub or a drone. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** The largest message from a hub: `ps` of a large fleet. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** What may wait for a peer, of whatever kind, before its connection is terminated. */
export const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
/** The largest piece of output. */
export const MAX_PIECE_BYTES = 256 * 1024;
/** The longest line that is shown as one line; a longer one is shown in parts. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** How long a line must be unfinished until it is shown as far as it is. */
export const UNFINISHED_AFTER_MS = 200;
/** How many marks of one log are kept: what happened to its process. */
export const MAX_MARKS = 1000;
/** What may wait for a peer before its output is dropped (monitor) or held back (exec). */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** How much of an exec's streams may be unacknowledged. */
export const EXEC_WINDOW_BYTES = 2 * 1024 * 1024;
/** The same for all execs of one client together. */
const EXEC_WINDOWS_BYTES = 32 * 1024 * 1024;
export const PING_EVERY_MS = 8_000;
/** A connection is dead after this long without a sign of life. */
export const DEAD_AFTER_MS = 24_000;
/** How long a client waits for the hub, unless --timeout says otherwise. */
export const DEFAULT_TIMEOUT_MS = 10_000;
/** How long a hub remembers a drone that it lost. */
export const REMEMBER_LOST_MS = 3_600_000;
/** The time between SIGTERM and SIGKILL, unless --grace says otherwise. */
export const DEFAULT_GRACE_MS = 5_000;
/** How long a drone may take to fetch, check out and start something before its hub gives up. */
export const ORDER_TIMEOUT_MS = 900_000;

/** Returns the window of each exec if a client starts so many at once: together they share its buffer at the hub. */
export function execWindow(execs: number): number {
  return Math.min(EXEC_WINDOW_BYTES, Math.floor(EXEC_WINDOWS_BYTES / Math.max(1, execs)));
}

/** A page that is shown during maintenance. */
export const MAX_PAGE_BYTES = 100_000;

/** Names in one list of drones: as many as a hub has connections. */
export const MAX_NAMES = 10_000;

/** Ids that one interest in output has. */
export const MAX_INTEREST_IDS = 10_000;
