import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../system/write-whole.ts';

/**
 * All that a git in fleet's world is told, beside its repository's own settings. Directories are safe because fleet made
 * them; git before 2.38 reads that from a file only. A hub is reached directly, and answers where it is, as for the
 * websocket: a redirection would carry the secret elsewhere. Repositories are tidied when fleet says so.
 * What a git has acknowledged survives a power cut; git before 2.36 syncs packs only.
 *
 * What a hub lets through of a pushed object's faults stands in many an old history, is taken by the large hosts, and harms
 * nobody: names and dates that were written badly. What could harm a checkout is refused.
 */
const CONFIGURATION = `[safe]
	directory = *
[core]
	hooksPath = /dev/null
	fsync = all
[http]
	proxy =
	followRedirects = false
[credential]
	helper =
[gc]
	auto = 0
[maintenance]
	auto = false
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
 * Sees to it that the directory `home`, made (0700) if it is not there, has this configuration of git and no other. It is
 * looked at each time: what another version or somebody's editor has written does not last. EIO.
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
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
