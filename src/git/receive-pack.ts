import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../protocol/errors.ts';
import { refuse } from '../system/http-refusal.ts';
import { type BranchHandler, branchOf, forbiddenBy } from './branch-push.ts';
import { BranchPushes } from './branch-pushes.ts';
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
/** How many milliseconds a push waits for another one of the same commit. */
const LONGEST_WAIT = 10_000;

/** Serves `git push` with node-git-server's Service, which only gets well-formed pushes. */
export class Pushes {
  /** How many are in progress, by repository. */
  readonly underWay = new Map<string, number>();
  /** Pushes of fleet's own refs, by repository and commit. */
  private readonly pushing = new Map<string, Promise<unknown>>();
  private count = 0;
  private readonly branches: BranchPushes;

  constructor(
    private readonly repositories: GitStore,
    private readonly processes: GitProcesses,
    private readonly maintenance: Maintenance,
    private readonly shallowCommits: ShallowCommits,
    private readonly repairs: Repairs,
  ) {
    this.branches = new BranchPushes(repositories, processes, maintenance, repairs, (repo) =>
      this.sweep(repo, repo),
    );
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
        onBranch?.refused?.(
          commands.map(({ ref }) => ref),
          why,
        );
        return await this.answer(reader, response, refusalReport(head, wrong === null ? why : null));
      }
      const branch = onBranch && branchOf(head);
      if (branch) {
        await this.afterOthers(repo, branch.after, () =>
          this.branches.take({ repo, head, branch, reader, response, until }, onBranch),
        );
        return [];
      }
      return await this.afterOthers(repo, ownCommit(commands), async () => {
        const shallow = head.isShallow ? ownCommit(commands) : null;
        if (await this.isDone(repo, commands, shallow))
          return await this.answer(reader, response, successReport(head));
        const whose = onBranch?.whose ?? null;
        const into = shallow === null ? repo : await this.shallowCommits.create(repo);
        const { failure, said } = await this.receive(
          { path: this.repositories.path(into), until, whose },
          reader,
          response,
        );
        if (failure === null && shallow !== null) await this.shallowCommits.promote(repo, shallow);
        if (failure !== null) this.sweep(repo, into);
        this.maintenance.look(into);
        const done = await this.carriedOut(into, commands);
        if (done.length < commands.length) this.repairs.consider(repo, said);
        const isDone = new Set(done);
        const undone = commands.filter((command) => !isDone.has(command)).map(({ ref }) => ref);
        if (undone.length > 0) onBranch?.refused?.(undone, failure ?? 'git has not taken it');
        return done;
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

  /** If two clients deploy the same commit at once, git would refuse the second push, so it waits for the first. */
  private async afterOthers<T>(repo: string, commit: string | null, push: () => Promise<T>): Promise<T> {
    if (commit === null) return push();
    const key = `${repo} ${commit}`;
    const before = this.pushing.get(key);
    // A stalled client must not hold up the others for long.
    if (before) await Promise.race([before, sleep(LONGEST_WAIT, undefined, { ref: false })]);
    const turn = push();
    const settled = turn.catch(() => {});
    this.pushing.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.pushing.get(key) === settled) this.pushing.delete(key);
    }
  }

  /** Returns true if a push of fleet's own ref changes nothing. For a shallow one, a copy with history counts too. */
  private async isDone(repo: string, commands: PushCommand[], shallow: string | null): Promise<boolean> {
    const commit = ownCommit(commands);
    if (commit === null) return false;
    if (shallow !== null) return this.repositories.has(repo, commit);
    return (await this.repositories.ref(repo, commands[0]?.ref ?? '')) === commit;
  }

  /** Has git take a push, and passes on its answer. */
  private async receive(to: PushedTo, reader: CommandReader, response: ServerResponse): Promise<Received> {
    const received = await runReceivePack(to, this.processes, reader, null, (answer) => {
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

  private enter(repo: string, by: 1 | -1): void {
    this.count += by;
    const count = (this.underWay.get(repo) ?? 0) + by;
    if (count > 0) this.underWay.set(repo, count);
    else this.underWay.delete(repo);
  }
}

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
