import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../system/regular-file.ts';
import { writeWhole } from '../system/write-whole.ts';

/**
 * The only configuration of a git in fleet's world, besides that of its repository:
 *
 * - All directories are safe: fleet made them. Git before 2.38 reads this setting from a file only.
 * - The hub is reached without a proxy, and no redirect is followed, since that would send the secret elsewhere. The
 *   websocket does the same.
 * - Fleet decides when a repository is repacked.
 * - A client that waits for a pack is shown life from the first moment on (pulse.ts), and git goes on with that.
 * - Large files are read and written in pieces, and not in memory as a whole.
 * - What git has acknowledged survives a power cut. Git before 2.36 syncs packs only.
 * - Every branch can be removed: that HEAD names one that was pushed first is nothing that its owner has chosen.
 * - Only signatures with an SSH key that the hub allows count; other kinds would need a key ring of their own.
 * - The hub accepts badly written names and dates, which are common in old history; the large hosts accept them too. What
 *   could damage a checkout is refused.
 */
const CONFIGURATION = `[safe]
	directory = *
[core]
	hooksPath = /dev/null
	fsync = all
	bigFileThreshold = 128m
[http]
	proxy =
	followRedirects = false
[credential]
	helper =
[gc]
	auto = 0
[maintenance]
	auto = false
[gpg]
	program = false
	minTrustLevel = fully
[gpg "x509"]
	program = false
[gpg "ssh"]
	allowedSignersFile = ~/../allowed-signers
[uploadpack]
	allowSidebandAll = true
	keepAlive = 5
[receive]
	keepAlive = 5
	denyDeleteCurrent = ignore
[receive "fsck"]
	badDate = ignore
	badDateOverflow = ignore
	badEmail = ignore
	badName = ignore
	badTimezone = ignore
	missingEmail = ignore
	missingNameBeforeEmail = ignore
	missingSpaceBeforeDate = ignore
	missingSpaceBeforeEmail = ignore
	nulInCommit = ignore
	zeroPaddedDate = ignore
	zeroPaddedFilemode = ignore
`;

/**
 * Makes sure that `.gitconfig` in the directory `home` is this configuration. The directory is made (0700) if it does not
 * exist. Checked before every git, so changes by another version, or by hand, do not last. Throws EIO.
 */
export function keepConfiguration(home: string): void {
  const path = join(home, '.gitconfig');
  if (read(path) !== CONFIGURATION) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeWhole(path, CONFIGURATION);
  }
}

function read(path: string): string | null {
  try {
    return readRegular(path);
  } catch {
    return null;
  }
}
