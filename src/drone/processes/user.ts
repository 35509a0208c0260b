import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { FleetError } from '../../protocol/errors.ts';
import { isInstalled } from './program.ts';

/** A user of the system, as passwd(5) describes it. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

/**
 * Returns the account that processes of an app run as; null for the drone's own user, which is used if `user` is null, or
 * if the drone is not root and so cannot be another. Throws ESPAWN if the system has no such user, or no setpriv.
 */
export async function accountFor(user: string | null): Promise<Account | null> {
  if (user === null || process.getuid?.() !== 0) return null;
  if (!isInstalled('setpriv'))
    throw new FleetError('ESPAWN', `cannot run as ${user}: there is no setpriv here; install util-linux`);
  const account = parseAccount(await passwdLine(user));
  if (account?.name !== user) throw new FleetError('ESPAWN', `there is no user ${user} here`);
  return account;
}

/** Returns the user's line of passwd(5); empty if there is none. getent(1) also knows users of a directory service. */
async function passwdLine(user: string): Promise<string> {
  if (isInstalled('getent')) {
    const said = await promisify(execFile)('getent', ['passwd', user]).catch(() => ({ stdout: '' }));
    return said.stdout;
  }
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.find((line) => line.startsWith(`${user}:`)) ?? '';
}

/** Parses a line of passwd(5); null if it is not one. */
export function parseAccount(line: string): Account | null {
  const [name = '', , uid = '', gid = '', , home = '', shell = ''] = line.trim().split(':');
  if (name === '' || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return null;
  return { name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh' };
}

/**
 * Returns a command that runs `command` as that account, with all its groups, and with the same pid, because setpriv(1)
 * execs it. The `uid` option of Node's spawn does not set the supplementary groups.
 */
export function commandAs(account: Account | null, command: readonly string[]): string[] {
  if (account === null) return [...command];
  const { uid, gid } = account;
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--', ...command];
}

/** Returns the variables that describe the user; none for the drone's own user. */
export function accountEnvironment(account: Account | null): Record<string, string> {
  if (account === null) return {};
  const { name, home, shell } = account;
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}
