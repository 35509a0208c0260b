import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { type BranchHandler, type BranchPush, headToOwnRef, moveBranch, Remote } from './branch-push.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Maintenance } from './maintenance.ts';
import { type CommandReader, refusalReport, successReport } from './push-commands.ts';
import type { PushCommand, PushHead } from './push-head.ts';
import { runReceivePack } from './receive-run.ts';
import type { Repairs } from './repairs.ts';
import type { GitProcesses } from './server-processes.ts';
import { SideBands } from './side-band.ts';
import type { GitStore } from './store.ts';

/** A push of one branch, whose head was read. */
export interface OpenPush {
  repo: string;
  head: PushHead;
  branch: PushCommand;
  reader: CommandReader;
  response: ServerResponse;
  until: AbortSignal;
}

export interface BranchPushParts {
  repositories: GitStore;
  processes: GitProcesses;
  maintenance: Maintenance;
  repairs: Repairs;
  elsewhere: Elsewhere | null;
  /** Removes what a failed push has left, if no other one is under way. */
  sweep(repo: string): void;
}

/**
 * Takes pushes of one branch: first the commit, under fleet's own ref, then whatever has to be done before the branch is
 * moved. That goes on, and the branch is moved, also if the client goes away meanwhile.
 */
export class BranchPushes {
  constructor(private readonly parts: BranchPushParts) {}

  /** Answers a push, except for the end of the response. */
  async take(push: OpenPush, handler: BranchHandler): Promise<void> {
    const { repo, head, branch, response } = push;
    const write = (bytes: Buffer) => {
      if (!response.writableEnded && !response.destroyed && bytes.length > 0) response.write(bytes);
    };
    const remote = new Remote(write);
    const named = { repo, ref: branch.ref, commit: branch.after };
    try {
      const refused =
        (await this.receive(push, handler.whose ?? null, write)) ??
        (await this.keep(named, remote)) ??
        (await this.before(push, handler, remote));
      const unmoved = refused ?? (await this.move(repo, branch, remote));
      if (unmoved === null) await handler.after(named, remote.tell);
      else handler.refused?.([branch.ref], unmoved);
      write(unmoved === null ? successReport(head) : refusalReport(head, unmoved));
    } finally {
      remote.close();
    }
  }

  /** Resolves when another hub has the commit, or the push needs not wait for one. */
  private async keep({ repo, commit }: BranchPush, remote: Remote): Promise<null> {
    const line = await this.parts.elsewhere?.keep(repo, commit);
    if (line) remote.tellOnce(line);
    return null;
  }

  /** Returns why the branch cannot be moved; null if it was. */
  private async move(repo: string, branch: PushCommand, remote: Remote): Promise<string | null> {
    const { elsewhere, repositories } = this.parts;
    if (!elsewhere) return moveBranch(repositories.path(repo), branch);
    const { refused, line } = await elsewhere.move({ repo, moves: [branch] });
    if (line !== null) remote.tellOnce(line);
    return refused;
  }

  private before({ repo, branch, until }: OpenPush, handler: BranchHandler, { tell }: Remote) {
    until.throwIfAborted();
    return handler.before({ repo, ref: branch.ref, commit: branch.after }, tell);
  }

  /** Has git take the commit. Returns why git has refused it; null if it is here. */
  private async receive(
    { repo, head, branch, reader, until }: OpenPush,
    whose: string | null,
    write: (bytes: Buffer) => void,
  ): Promise<string | null> {
    if (await this.isHere(repo, branch.after)) {
      reader.swallow();
      await finished(reader, { writable: false });
      return null;
    }
    const bands = new SideBands();
    const instead = { head: headToOwnRef(branch), of: head };
    const { repositories, processes, maintenance, repairs, sweep } = this.parts;
    const path = repositories.path(repo);
    const { failure, said } = await runReceivePack(
      { path, until, whose },
      processes,
      reader,
      instead,
      (answer) => answer.on('data', (piece: Buffer) => write(bands.add(piece))),
    );
    maintenance.look(repo);
    if (await this.isHere(repo, branch.after)) return null;
    sweep(repo);
    repairs.consider(repo, said);
    return bands.refusal ?? failure ?? 'git has not taken it';
  }

  /** True if it is in the repository itself, with its history. */
  private async isHere(repo: string, commit: string): Promise<boolean> {
    return (await this.parts.repositories.ref(repo, `refs/fleet/${commit}`)) === commit;
  }
}
