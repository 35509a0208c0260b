import { readFileSync } from 'node:fs';

/**
 * Returns the group that this process makes files for, if nobody else is in it, as far as passwd(5) and group(5) say; null
 * if others are. Many systems give each user a group, and some give all users the same one.
 */
export function ownGroup(): number | null {
  const [gid, uid] = [process.getgid?.(), process.getuid?.()];
  if (gid === undefined || uid === undefined) return null;
  return isShared(gid, uid, read('/etc/passwd'), read('/etc/group')) ? null : gid;
}

/** Returns true if a user other than this one is in a group. That of root has system accounts at most. */
export function isShared(gid: number, uid: number, passwd: string, group: string): boolean {
  if (gid === 0) return false;
  const users = entries(passwd);
  if (users.some(([, , id, primary]) => primary === String(gid) && id !== String(uid))) return true;
  const own = users.filter(([, , id]) => id === String(uid)).map(([name]) => name);
  const [, , , members = ''] = entries(group).find(([, , id]) => id === String(gid)) ?? [];
  return members.split(',').some((name) => name !== '' && !own.includes(name));
}

const entries = (text: string) => text.split('\n').map((line) => line.split(':'));

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
