import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { writeWhole } from '../../system/write-whole.ts';
import { type Release, type ReleaseRecord, recordSchema } from './release.ts';

/** The name of a directory below `deploy/`, or of the one that knows its files: repository and commit. */
const CHECKOUT = /^([^.].*)\.([0-9a-f]{40})(?:-\d+|\.git)?$/;

/** Where a drone keeps commits: `repos/` has their objects, `deploy/` their files, `release/` what is known of these. */
export class ReleaseStore {
  private readonly records = new Map<string, ReleaseRecord>();

  constructor(
    private readonly dir: string,
    private readonly problem: (line: string) => void,
  ) {}

  get deploy(): string {
    return join(this.dir, 'deploy');
  }

  mirror({ repo }: Release): string {
    return this.mirrorOf(repo);
  }

  /** Where a mirror is made anew, and where the one that it replaces is put. */
  asideMirror({ repo }: Release, which: 'new' | 'old'): string {
    return join(this.dir, 'repos', `.${which}-${repo}.git`);
  }

  private mirrorOf(repo: string): string {
    return join(this.dir, 'repos', `${repo}.git`);
  }

  /** What was being written about files of a checkout. EIO. */
  unfinished(): string[] {
    return list(this.folder)
      .filter((name) => name.endsWith('.git.tmp'))
      .map((name) => join(this.folder, name));
  }

  /** The commits of a repository that have a directory. EIO. */
  commitsOf(repo: string): string[] {
    const commits = this.directories().flatMap((name) => {
      const [, of, commit] = CHECKOUT.exec(name) ?? [];
      return of === repo && commit !== undefined ? [commit] : [];
    });
    return [...new Set(commits)];
  }

  /** The git directories of all checkouts, each with its mirror. EIO. */
  borrowers(): { gitDir: string; mirror: string }[] {
    return [
      ...this.directories().map((name) => ({ name, gitDir: join(this.deploy, name, '.git') })),
      ...list(this.folder).map((name) => ({ name, gitDir: join(this.folder, name) })),
    ].flatMap(({ name, gitDir }) => {
      const [, repo] = CHECKOUT.exec(name) ?? [];
      return repo === undefined ? [] : [{ gitDir, mirror: this.mirrorOf(repo) }];
    });
  }

  /** The git directory that knows the files of a release: see `TrackedFiles`. */
  gitDir({ name }: Release): string {
    return join(this.folder, `${name}.git`);
  }

  /** The path of a directory below `deploy/`. */
  pathOf(directory: string): string {
    return join(this.deploy, directory);
  }

  /** The names below `deploy/`. EIO. */
  directories(): string[] {
    return list(this.deploy);
  }

  /** The folder of records. */
  get folder(): string {
    return join(this.dir, 'release');
  }

  mirrors(): string[] {
    return list(join(this.dir, 'repos')).map((name) => join(this.dir, 'repos', name));
  }

  /** Null for a release that is not known here; one whose file cannot be understood is looked at anew. */
  read(release: Release): ReleaseRecord | null {
    const known = this.records.get(release.name);
    if (known) return known;
    const path = this.path(release);
    try {
      const read = readJson(path);
      if (read === undefined) return null;
      const record = v.parse(recordSchema, read);
      this.records.set(release.name, record);
      return record;
    } catch (error) {
      this.problem(`${path} cannot be read, and is made anew: ${messageOf(error)}`);
      rmSync(path, { force: true });
      return null;
    }
  }

  /**
   * Records it. That it is ready survives a power cut; to lose anything less costs a second look. What cannot be written,
   * as on a full disk, is known for as long as this drone lives.
   */
  write(release: Release, record: ReleaseRecord): void {
    this.assume(release, record);
    const path = this.path(release);
    try {
      makeDirectory(this.folder);
      if (record.state === 'ready') writeJson(path, record);
      else writeWhole(path, JSON.stringify(record));
    } catch (error) {
      this.problem(messageOf(error));
    }
  }

  /** Notes what could not be found out for sure: for as long as this drone lives. */
  assume(release: Release, record: ReleaseRecord): void {
    this.records.set(release.name, record);
  }

  private path({ name }: Release): string {
    return join(this.folder, `${name}.json`);
  }
}

/** EIO. */
function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new FleetError('EIO', `cannot read ${dir}: ${messageOf(cause)}`, { cause });
  }
}
