import { FleetError } from '../protocol/errors.ts';
import { limitReached } from './limits.ts';

/** Git's complaint about a checkout that another user owns, and the command that makes it trusted. */
const DUBIOUS =
  /^fatal: (.*(?:dubious ownership|unsafe repository).*)$[\s\S]*^\s*(git config --global --add safe\.directory .*)$/m;

/** What git says last, whatever was wrong before: that something else has failed, too. */
const AFTERMATH =
  /hung up unexpectedly|failed to push some refs|unexpected disconnect|Could not reset index file to revision/;

/** What git says when the connection breaks off while a pack is under way, and what that entails. */
const BROKEN_OFF =
  /early EOF|RPC failed; (?:curl|HTTP 200)|unexpected disconnect|bytes of body are still expected/;
const ENTAILED =
  /hung up unexpectedly|(?:unpack-objects|index-pack) (?:failed|died)|invalid index-pack output|expected '?(?:acknowledgments|packfile)/;

/** An object that the repository should have, and has not, or cannot read. */
const DAMAGED = /^fatal: (?:unable to read [0-9a-f]{40}|bad object |(?:loose|packed) object .* is corrupt)/;

/** Returns true if a git that fetches says that the other end lacks what was asked for, or the repository. */
export function saysMissing(said: string): boolean {
  return /not our ref|not found/.test(said);
}

/** Returns the FleetError for a failed git; one that is a FleetError already is returned as it is. */
export function gitError(cause: unknown, doing: string): FleetError {
  if (cause instanceof FleetError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/returned error: 401|Authentication failed|could not read Username/.test(text))
    return new FleetError('EAUTH', 'wrong secret', { cause });
  if (/spawn git ENOENT/.test(text))
    return new FleetError('EGIT', 'there is no git on the PATH; install it', { cause });
  const [, owner, advice] = DUBIOUS.exec(text) ?? [];
  if (owner && advice)
    return new FleetError('EGIT', `${doing}: ${owner}; if you trust it: ${advice}`, { cause });
  const last = whyOf(text);
  if (/returned error: 403/.test(text))
    return new FleetError('EFORBIDDEN', `the hub refuses: ${last}`, { cause });
  const disk = diskError(text);
  if (disk) return new FleetError('EIO', `${doing}: ${disk}`, { cause });
  if (/Failed to connect|Could not resolve host|Connection refused/.test(text)) {
    return new FleetError('ECONNECT', `${doing}: the hub's git service does not answer`, { cause });
  }
  return new FleetError('EGIT', `${doing}: ${last}`, { cause });
}

/** Git does not always say why it could not write; if it gives no other reason, the disk is full. */
function diskError(text: string): string | null {
  const full =
    /^(remote: |!\t.*\[remote rejected\] )?.*(?:No space left|disk quota|Out of diskspace|short write)/im.exec(
      text,
    );
  if (full) return `${full[1] ? "the hub's" : 'the'} disk is full`;
  if (/Read-only file system/.test(text)) return 'the disk is read-only';
  const isMute = /^(?:error|fatal): unable to write [^:]*$/m.test(text);
  return isMute && !/Permission denied|Input\/output error/.test(text) ? 'the disk is full' : null;
}

/** Returns the line in which git gives the reason. */
function whyOf(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const limit = limitReached(lines.filter((line) => line.startsWith('remote: ')).join('\n'));
  if (limit) return `the hub's git has reached a limit: ${limit}`;
  const [, refused] = /^!\t.*\t\[(?:remote )?rejected\] \((.+)\)$/m.exec(text) ?? [];
  // In this case, the reason in parentheses is only `unpacker error`.
  const fault = lines.find((line) => /^remote: error: object [0-9a-f]+: /.test(line));
  if (fault) return `the hub refuses ${fault.replace('remote: error: ', '')}`;
  if (refused === 'shallow update not allowed')
    return 'this is a shallow clone, which this hub cannot take; first: git fetch --unshallow (in CI: fetch-depth: 0)';
  const [, unpacking] = /^error: remote unpack failed: (.+)$/m.exec(text) ?? [];
  if (unpacking && refused === 'unpacker error') return `the hub cannot store it: ${unpacking}`;
  const complaints = lines.filter((line) => /^(error|fatal):/.test(line));
  const damage = complaints.find((line) => DAMAGED.test(line));
  if (damage && !refused) return `${damage}; git fsck shows what is damaged`;
  if (!refused && isBrokenOff(lines)) return 'the connection to the hub broke off';
  return (
    refused ??
    // The hub's own line says more than git's: `The requested URL returned error: 507`.
    lines.findLast((line) => /^remote: ./.test(line))?.replace('remote: ', '') ??
    complaints.findLast((line) => !AFTERMATH.test(line)) ??
    complaints.at(-1) ??
    lines.at(-1) ??
    'it said nothing'
  );
}

/** Returns true if there is no other reason: the hub says more, if it has one. */
function isBrokenOff(lines: readonly string[]): boolean {
  const complaints = lines.filter((line) => /^(error|fatal|fetch-pack|send-pack|remote):/.test(line));
  const isFromThat = (line: string) => BROKEN_OFF.test(line) || ENTAILED.test(line);
  return complaints.some((line) => BROKEN_OFF.test(line)) && complaints.every(isFromThat);
}
