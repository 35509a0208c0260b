import { parseAppFile } from '../../app-file/app-file.ts';
import type { Committed } from '../../git/committed-files.ts';
import { gitError } from '../../git/error.ts';
import type { GitServer } from '../../git/server.ts';
import { mustBeSigned } from '../../git/signature.ts';
import type { GitStore } from '../../git/store.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { ReadCommits } from './read-commits.ts';

const TOML = 'fleet.toml';
const PROCFILE = 'Procfile';

/** What a commit says about its app. */
export interface Source {
  subject: string;
  stage: string | null;
  toml: string | null;
  procfile: string | null;
}

/** Reads what commits say about their app. */
export class SourceReader {
  private readonly commits = new ReadCommits([TOML, PROCFILE]);

  constructor(
    private readonly git: Pick<GitServer, 'has' | 'hold' | 'repair'>,
    private readonly store: Pick<GitStore, 'path' | 'holderOf'>,
  ) {}

  /** Throws ESIGNATURE unless an allowed signer has signed a commit that the hub has. */
  async mustBeSigned(repo: string, commit: string): Promise<void> {
    await mustBeSigned(this.store.path(await this.store.holderOf(repo, commit)), commit);
  }

  /** Returns the files of a commit as {@link readUnchecked} does. Throws ECONFIG for the first mistake in them, too. */
  async read(repo: string, commit: string, stage: string | null): Promise<Source> {
    const source = await this.readUnchecked(repo, commit, stage);
    parseAppFile(source);
    return source;
  }

  /**
   * Returns the files of a commit, which is kept for good from now on, whatever is in them. Throws ENOCOMMIT if the hub
   * does not have it, ECONFIG if it has neither file, EGIT and EIO.
   */
  async readUnchecked(repo: string, commit: string, stage: string | null): Promise<Source> {
    const { subject, files } = await this.readWhole(repo, commit);
    const [toml = null, procfile = null] = [files.get(TOML), files.get(PROCFILE)];
    if (toml === null && procfile === null)
      throw new FleetError(
        'ECONFIG',
        `${commit.slice(0, 7)} has no ${TOML} and no ${PROCFILE}; fleet init writes one`,
      );
    return { subject, stage, toml, procfile };
  }

  /** Reads the files of a commit, from a repository that is repaired if it turns out to be damaged. */
  private async readWhole(repo: string, commit: string): Promise<Committed> {
    try {
      return await this.readOnce(repo, commit);
    } catch (error) {
      if (error instanceof FleetError) throw error;
      await this.git.repair(repo, messageOf(error));
    }
    return this.readOnce(repo, commit).catch((cause: unknown) => {
      throw gitError(cause, `reading ${repo}/${commit}`);
    });
  }

  private async readOnce(repo: string, commit: string): Promise<Committed> {
    if (!(await this.git.has(repo, commit)))
      throw new FleetError('ENOCOMMIT', `the hub does not have ${repo}/${commit} yet; fleet up pushes it`);
    await this.git.hold(repo, commit);
    return this.commits.read(this.store.path(await this.store.holderOf(repo, commit)), commit);
  }
}
