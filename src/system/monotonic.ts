/**
 * Returns milliseconds that never go back and count up from the start of this process. Node loads `performance` when it is
 * first used, with eight modules that no command needs.
 */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}
