import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { writeWhole } from '../../system/write-whole.ts';
import { type Release, type ReleaseRecord, recordSchema } from './release.ts';

/** Matches a directory below `deploy/`, or a git directory in `release/`, and captures repository and commit. */
const CHECKOUT = /^([^.].*)\.([0-9a-f]{40})(?:-\d+|\.git)?$/;

/** Where a drone keeps commits: their objects in `repos/`, their files in `deploy/`, their records in `release/`. */
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

  /** Returns where a mirror is fetched again (`new`), or where the replaced one is moved (`old`). */
  asideMirror({ repo }: Release, which: 'new' | 'old'): string {
    return join(this.dir, 'repos', `.${which}-${repo}.git`);
  }

  private mirrorOf(repo: string): string {
    return join(this.dir, 'repos', `${repo}.git`);
  }

  /** Returns unfinished git directories. Throws EIO. */
  unfinished(): string[] {
    return list(this.folder)
      .filter((name) => name.endsWith('.git.tmp'))
      .map((name) => join(this.folder, name));
  }

  /** Returns the commits of a repository that have a directory. Throws EIO. */
  commitsOf(repo: string): string[] {
    const commits = this.directories().flatMap((name) => {
      const [, of, commit] = CHECKOUT.exec(name) ?? [];
      return of === repo && commit !== undefined ? [commit] : [];
    });
    return [...new Set(commits)];
  }

  /** Returns the git directories of all checkouts, each with its mirror. Throws EIO. */
  borrowers(): { gitDir: string; mirror: string }[] {
    return [
      ...this.directories().map((name) => ({ name, gitDir: join(this.deploy, name, '.git') })),
      ...list(this.folder).map((name) => ({ name, gitDir: join(this.folder, name) })),
    ].flatMap(({ name, gitDir }) => {
      const [, repo] = CHECKOUT.exec(name) ?? [];
      return repo === undefined ? [] : [{ gitDir, mirror: this.mirrorOf(repo) }];
    });
  }

  /** Returns the git directory that tracks the files of a release: see `TrackedFiles`. */
  gitDir({ name }: Release): string {
    return join(this.folder, `${name}.git`);
  }

  /** Returns the path of a directory below `deploy/`. */
  pathOf(directory: string): string {
    return join(this.deploy, directory);
  }

  /** Returns the names below `deploy/`. Throws EIO. */
  directories(): string[] {
    return list(this.deploy);
  }

  /** The folder of the records. */
  get folder(): string {
    return join(this.dir, 'release');
  }

  mirrors(): string[] {
    return list(join(this.dir, 'repos')).map((name) => join(this.dir, 'repos', name));
  }

  /** Returns null for a release without a record. An unreadable record is removed, so its release is checked again. */
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
      this.problem(
        `${path} cannot be read and is removed, and its checkout is checked again: ${messageOf(error)}`,
      );
      rmSync(path, { force: true });
      return null;
    }
  }

  /**
   * Stores the record. The state `ready` survives a power cut; losing any other only costs another check. If it cannot be
   * written, as on a full disk, it is kept in memory.
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

  /** Keeps a record that is not certain, in memory only. */
  assume(release: Release, record: ReleaseRecord): void {
    this.records.set(release.name, record);
  }

  private path({ name }: Release): string {
    return join(this.folder, `${name}.json`);
  }
}

/** Throws EIO. */
function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new FleetError('EIO', `cannot read ${dir}: ${messageOf(cause)}`, { cause });
  }
}
