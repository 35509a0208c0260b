import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { FleetError } from '../protocol/errors.ts';
import { refuse } from '../system/http-refusal.ts';
import { shared, WithheldReport } from './acknowledgement.ts';
import { type BranchHandler, branchOf, forbiddenBy } from './branch-push.ts';
import { BranchPushes } from './branch-pushes.ts';
import { CommitTurns } from './commit-turns.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Maintenance } from './maintenance.ts';
import { CommandReader, refusalOf, refusalReport, successReport, tooMany } from './push-commands.ts';
import { type PushCommand, ZERO } from './push-head.ts';
import { type PushedTo, type Received, runReceivePack } from './receive-run.ts';
import type { Repairs } from './repairs.ts';
import { decoded } from './request-body.ts';
import type { GitProcesses } from './server-processes.ts';
import type { ShallowCommits } from './shallow-commits.ts';
import type { GitStore } from './store.ts';

/** How many refs are read at once. */
const REFS_AT_ONCE = 100;
/** How many pushes are handled at once. */
const MAX_PUSHES = 64;

/** Serves `git push` with node-git-server's Service, which only gets well-formed pushes. */
export class Pushes {
  /** How many are in progress, by repository. */
  readonly underWay = new Map<string, number>();
  private readonly turns = new CommitTurns();
  private count = 0;
  private readonly branches: BranchPushes;

  constructor(
    private readonly repositories: GitStore,
    private readonly processes: GitProcesses,
    private readonly maintenance: Maintenance,
    private readonly shallowCommits: ShallowCommits,
    private readonly repairs: Repairs,
    private readonly elsewhere: Elsewhere | null = null,
  ) {
    const sweep = (repo: string) => this.sweep(repo, repo);
    this.branches = new BranchPushes({ repositories, processes, maintenance, repairs, elsewhere, sweep });
  }

  /**
   * Answers POST git-receive-pack. Resolves, when git is done, to the commands that it carried out, even if the client is
   * gone by then; the caller ends the response if it is still open. Rejects with ELIMIT, with EPROTOCOL if it is not a
   * push, and with the reason of `until` if that is aborted: git is ended then.
   */
  async serve(
    repo: string,
    request: IncomingMessage,
    response: ServerResponse,
    until: AbortSignal,
    onBranch: BranchHandler | null = null,
  ): Promise<PushCommand[]> {
    if (this.count >= MAX_PUSHES) throw new FleetError('ELIMIT', 'too many pushes at once; try again');
    this.enter(repo, 1);
    try {
      const reader = new CommandReader();
      decoded(request, reader);
      const head = await reader.commands;
      const { commands } = head;
      response.setHeader('Content-Type', 'application/x-git-receive-pack-result');
      // Before a large push, git sends an empty request to find out whether it is authorized.
      if (commands.length === 0) return await this.answer(reader, response, Buffer.alloc(0));
      const wrong = commands.map(refusalOf).find((one) => one !== null) ?? null;
      const forbidden = tooMany(commands) ?? forbiddenBy(onBranch, commands);
      const why = wrong ?? forbidden ?? (await unmade(onBranch));
      if (why !== null) {
        onBranch?.refused?.(namesOf(commands), why);
        return await this.answer(reader, response, refusalReport(head, wrong === null ? why : null));
      }
      const branch = onBranch && branchOf(head);
      if (branch) {
        await this.turns.after(repo, branch.after, () =>
          this.branches.take({ repo, head, branch, reader, response, until }, onBranch),
        );
        return [];
      }
      return await this.turns.after(repo, ownCommit(commands), async () => {
        const shallow = head.isShallow ? ownCommit(commands) : null;
        if (await this.isDone(repo, commands, shallow))
          return await this.answer(reader, response, successReport(head));
        const whose = onBranch?.whose ?? null;
        const into = shallow === null ? repo : await this.shallowCommits.create(repo);
        const to = { path: this.repositories.path(into), until, whose };
        const report = this.elsewhere && new WithheldReport(head);
        const { failure, said } = await this.receive(to, reader, response, report);
        if (failure === null && shallow !== null) await this.shallowCommits.promote(repo, shallow);
        if (failure !== null) this.sweep(repo, into);
        this.maintenance.look(into);
        const done = await this.carriedOut(into, commands);
        if (done.length < commands.length) this.repairs.consider(repo, said);
        const isDone = new Set(done);
        const undone = commands.filter((command) => !isDone.has(command));
        if (undone.length > 0) onBranch?.refused?.(namesOf(undone), failure ?? 'git has not taken it');
        if (!this.elsewhere || !report) return done;
        const { refused, line } = await shared(this.elsewhere, repo, done);
        if (!response.writableEnded && !response.destroyed)
          response.write(refused === null ? report.with(line) : report.refusal(refused));
        if (refused === null) return done;
        onBranch?.refused?.(namesOf(done), refused);
        return [];
      });
    } finally {
      this.enter(repo, -1);
    }
  }

  /** Answers without git, once the client has sent everything. */
  private async answer(
    reader: CommandReader,
    response: ServerResponse,
    report: Buffer,
  ): Promise<PushCommand[]> {
    reader.swallow();
    await finished(reader, { writable: false });
    response.end(report);
    return [];
  }

  /** Returns true if a push of fleet's own ref changes nothing. For a shallow one, a copy with history counts too. */
  private async isDone(repo: string, commands: PushCommand[], shallow: string | null): Promise<boolean> {
    const commit = ownCommit(commands);
    if (commit === null) return false;
    if (shallow !== null) return this.repositories.has(repo, commit);
    return (await this.repositories.ref(repo, commands[0]?.ref ?? '')) === commit;
  }

  /** Has git take a push, and passes on its answer, except for a report that is withheld. */
  private async receive(
    to: PushedTo,
    reader: CommandReader,
    response: ServerResponse,
    report: WithheldReport | null,
  ): Promise<Received> {
    const received = await runReceivePack(to, this.processes, reader, null, (answer) => {
      if (report) return report.read(answer, (bytes) => void (response.destroyed || response.write(bytes)));
      answer.pipe(response, { end: false });
      // Git's answer is read even if the client is gone, so that git can finish.
      response.once('close', () => answer.resume());
    });
    if (received.failure !== null && !response.headersSent) refuse(response, 500, received.failure);
    return received;
  }

  private async carriedOut(repo: string, commands: PushCommand[]): Promise<PushCommand[]> {
    const done: PushCommand[] = [];
    // Not all at once, because each takes a file descriptor, and a push may have tens of thousands.
    for (let at = 0; at < commands.length; at += REFS_AT_ONCE) {
      const some = commands.slice(at, at + REFS_AT_ONCE);
      const refs = await Promise.all(some.map(({ ref }) => this.repositories.ref(repo, ref)));
      done.push(...some.filter(({ after }, index) => (refs[index] ?? ZERO) === after));
    }
    return done;
  }

  /** Removes what a failed push has left in `into`, if no other one of this repository is under way. */
  private sweep(repo: string, into: string): void {
    if (this.underWay.get(repo) === 1 && !this.maintenance.isAt(into)) this.repositories.sweep(into);
  }

  /** Does something that counts as a push. Settles as `work` does. */
  async during<T>(repo: string, work: () => Promise<T>): Promise<T> {
    this.enter(repo, 1);
    try {
      return await work();
    } finally {
      this.enter(repo, -1);
    }
  }

  private enter(repo: string, by: 1 | -1): void {
    this.count += by;
    const count = (this.underWay.get(repo) ?? 0) + by;
    if (count > 0) this.underWay.set(repo, count);
    else this.underWay.delete(repo);
  }
}

const namesOf = (commands: readonly PushCommand[]) => commands.map(({ ref }) => ref);

/** Returns the commit that `fleet deploy` pushes, to a ref that is named after it; null for any other push. */
function ownCommit([first, more]: PushCommand[]): string | null {
  return first && !more && first.ref.startsWith('refs/fleet/') ? first.after : null;
}

/** Makes the repository. Returns why it may not be made; null if it is there. */
async function unmade(handler: BranchHandler | null): Promise<string | null> {
  try {
    await handler?.create?.();
    return null;
  } catch (error) {
    if (error instanceof FleetError) return error.message;
    throw error;
  }
}
