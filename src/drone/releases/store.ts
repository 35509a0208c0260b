import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { writeWhole } from '../../system/write-whole.ts';
import { type Need, needSchema } from './need.ts';
import { type Release, type ReleaseRecord, recordSchema, releaseIn } from './release.ts';
import { sharedFolder } from './shared-paths.ts';

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

  mirror({ repo }: Pick<Release, 'repo'>): string {
    return join(this.dir, 'repos', `${repo}.git`);
  }

  /** Returns where a mirror is fetched again (`new`), or where the replaced one is moved (`old`). */
  asideMirror({ repo }: Pick<Release, 'repo'>, which: 'new' | 'old'): string {
    return join(this.dir, 'repos', `.${which}-${repo}.git`);
  }

  /** Returns unfinished git directories. Throws EIO. */
  unfinished(): string[] {
    return list(this.folder)
      .filter((name) => name.endsWith('.git.tmp'))
      .map((name) => join(this.folder, name));
  }

  /** Returns the commits of a repository that have a directory for any of its apps. Throws EIO. */
  commitsOf(repo: string): string[] {
    const releases = this.releases().filter((release) => release.repo === repo);
    return [...new Set(releases.map(({ commit }) => commit))];
  }

  /** Returns the commits of a repository that have a directory, or should have one. Throws EIO. */
  neededOf(repo: string): string[] {
    const recorded = list(this.folder).flatMap((file) => releaseIn(file.replace(/\.json$/, '')) ?? []);
    const isGood = (one: Release) => one.repo === repo && (this.read(one)?.state ?? 'failed') !== 'failed';
    return [...new Set([...this.commitsOf(repo), ...recorded.filter(isGood).map((one) => one.commit)])];
  }

  /** Returns the release of each directory below `deploy/`. Throws EIO. */
  releases(): Release[] {
    return this.directories().flatMap((name) => releaseIn(name) ?? []);
  }

  /** Returns the names of a release's directories below `deploy/`. Throws EIO. */
  directoriesOf({ name }: Release): string[] {
    return this.directories().filter((one) => releaseIn(one)?.name === name);
  }

  /** Returns the git directories of all checkouts, each with its mirror. Throws EIO. */
  borrowers(): { gitDir: string; mirror: string }[] {
    return [
      ...this.directories().map((name) => ({ name, gitDir: join(this.deploy, name, '.git') })),
      ...list(this.folder).map((name) => ({ name, gitDir: join(this.folder, name) })),
    ].flatMap(({ name, gitDir }) => {
      const release = releaseIn(name);
      return release ? [{ gitDir, mirror: this.mirror(release) }] : [];
    });
  }

  /** Returns the git directory that tracks the files of a release: see `TrackedFiles`. */
  gitDir({ name }: Release): string {
    return join(this.folder, `${name}.git`);
  }

  /** Returns the folder of the app's shared files. */
  shared({ app }: Release): string {
    return sharedFolder(this.dir, app);
  }

  /** Returns the path of the app's checkout that was built last; null if there is none. Throws EIO. */
  lastBuilt(app: string): string | null {
    const records = this.releases()
      .filter((release) => release.app === app)
      .flatMap((release) => this.read(release) ?? [])
      .filter(({ prepared, directory }) => prepared === 'built' && existsSync(this.pathOf(directory)))
      .sort((a, b) => (b.builtAt ?? 0) - (a.builtAt ?? 0));
    return records[0] ? this.pathOf(records[0].directory) : null;
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
      if (record.state === 'ready' || record.prepared !== 'no') writeJson(path, record);
      else writeWhole(path, JSON.stringify(record));
    } catch (error) {
      this.problem(messageOf(error));
    }
  }

  /** Keeps a record that is not certain, in memory only. */
  assume(release: Release, record: ReleaseRecord): void {
    this.records.set(release.name, record);
  }

  /** Returns what the app needs in a checkout; null if it was never prepared, or if that cannot be read. */
  need(release: Release): Need | null {
    const path = this.needPath(release);
    try {
      const read = readJson(path);
      return read === undefined ? null : v.parse(needSchema, read);
    } catch (error) {
      this.problem(`${path} cannot be read: ${messageOf(error)}`);
      return null;
    }
  }

  /** Writes what the app needs, durably, so that a new checkout can be prepared while the hub is away. Throws EIO. */
  writeNeed(release: Release, need: Need): void {
    makeDirectory(this.folder);
    writeJson(this.needPath(release), need);
  }

  /** Returns true if an app has prepared it. */
  isPrepared(release: Release): boolean {
    return existsSync(this.needPath(release));
  }

  /** Removes all records of a release, whose directories are gone. */
  forget(release: Release): void {
    for (const path of [this.path(release), this.needPath(release)]) rmSync(path, { force: true });
    this.records.delete(release.name);
  }

  private needPath({ name }: Release): string {
    return join(this.folder, `${name}.need.json`);
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
