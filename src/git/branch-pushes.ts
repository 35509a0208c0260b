import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { type BranchHandler, headToOwnRef, moveBranch, Remote } from './branch-push.ts';
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

/**
 * Takes pushes of one branch: first the commit, under fleet's own ref, then whatever has to be done before the branch is
 * moved. That goes on, and the branch is moved, also if the client goes away meanwhile.
 */
export class BranchPushes {
  constructor(
    private readonly repositories: GitStore,
    private readonly processes: GitProcesses,
    private readonly maintenance: Maintenance,
    private readonly repairs: Repairs,
    /** Removes what a failed push has left, if no other one is under way. */
    private readonly sweep: (repo: string) => void,
  ) {}

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
        (await this.before(push, handler, remote));
      const unmoved = refused ?? (await moveBranch(this.repositories.path(repo), branch));
      if (unmoved === null) await handler.after(named, remote.tell);
      else handler.refused?.([branch.ref], unmoved);
      write(unmoved === null ? successReport(head) : refusalReport(head, unmoved));
    } finally {
      remote.close();
    }
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
    const path = this.repositories.path(repo);
    const { failure, said } = await runReceivePack(
      { path, until, whose },
      this.processes,
      reader,
      instead,
      (answer) => answer.on('data', (piece: Buffer) => write(bands.add(piece))),
    );
    this.maintenance.look(repo);
    if (await this.isHere(repo, branch.after)) return null;
    this.sweep(repo);
    this.repairs.consider(repo, said);
    return bands.refusal ?? failure ?? 'git has not taken it';
  }

  /** True if it is in the repository itself, with its history. */
  private async isHere(repo: string, commit: string): Promise<boolean> {
    return (await this.repositories.ref(repo, `refs/fleet/${commit}`)) === commit;
  }
}
