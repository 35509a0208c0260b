import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Returns the inodes of a process's sockets; none if the process is gone, is another user's, or without /proc. */
export function socketsOf(pid: number | string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // It was closed meanwhile.
      }
    });
  } catch {
    return [];
  }
}

/** Returns which process has one of these sockets, as `node (pid 123)`; null if that cannot be seen. */
export function holderOf(inodes: ReadonlySet<string>): string | null {
  try {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid) || !socketsOf(pid).some((inode) => inodes.has(inode))) continue;
      return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`;
    }
  } catch {
    return null; // There is no /proc, or the process has just ended.
  }
  return null;
}
