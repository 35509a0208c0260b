import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../protocol/errors.ts';
import { refuse } from '../system/http-refusal.ts';
import type { Maintenance } from './maintenance.ts';
import { CommandReader, refusalOf, refusalReport, successReport } from './push-commands.ts';
import type { PushCommand } from './push-head.ts';
import { startReceivePack } from './receive-service.ts';
import type { Repairs } from './repairs.ts';
import { decoded } from './request-body.ts';
import type { GitProcesses } from './server-processes.ts';
import type { ShallowCommits } from './shallow-commits.ts';
import type { GitStore } from './store.ts';

/** Pushes that are taken at once. */
const MAX_PUSHES = 64;
/** Characters of what git tells a client that are kept to find out why a push failed. */
const MAX_SAID = 16_384;
/** Milliseconds that one waits for another one's push of the same commit. */
const LONGEST_WAIT = 10_000;

/** Serves `git push`, by node-git-server's Service, which gets to see well-formed pushes only. */
export class Pushes {
  /** How many are under way, by repository. */
  private readonly underWay = new Map<string, number>();
  /** Pushes of fleet's own refs, by repository and commit. */
  private readonly pushing = new Map<string, Promise<unknown>>();
  private count = 0;

  constructor(
    private readonly repositories: GitStore,
    private readonly processes: GitProcesses,
    private readonly maintenance: Maintenance,
    private readonly shallowCommits: ShallowCommits,
    private readonly repairs: Repairs,
  ) {}

  /**
   * Answers POST git-receive-pack. Resolves, when git is done, to the commands that it really carried out, even if the
   * client is gone by then; the caller ends the response if it is still open. Rejects with ELIMIT, and with EPROTOCOL
   * for what is not a push.
   */
  async serve(repo: string, request: IncomingMessage, response: ServerResponse): Promise<PushCommand[]> {
    if (this.count >= MAX_PUSHES) throw new FleetError('ELIMIT', 'too many pushes at once; try again');
    this.enter(repo, 1);
    try {
      const reader = new CommandReader();
      decoded(request, reader);
      const head = await reader.commands;
      const { commands } = head;
      response.setHeader('Content-Type', 'application/x-git-receive-pack-result');
      // Nothing at all is how git asks, before a large push, whether it is let in.
      if (commands.length === 0) return await this.answer(reader, response, Buffer.alloc(0));
      if (commands.some((command) => refusalOf(command) !== null))
        return await this.answer(reader, response, refusalReport(head));
      return await this.afterOthers(repo, commands, async () => {
        const shallow = head.isShallow ? ownCommit(commands) : null;
        if (await this.isDone(repo, commands, shallow))
          return await this.answer(reader, response, successReport(head));
        const into = shallow === null ? repo : await this.shallowCommits.create(repo);
        const { failure, said } = await this.receive(into, reader, response);
        if (failure === null && shallow !== null) await this.shallowCommits.promote(repo, shallow);
        if (failure !== null && this.underWay.get(repo) === 1 && !this.maintenance.isAt(into))
          this.repositories.sweep(into);
        this.maintenance.look(into);
        const done = await this.carriedOut(into, commands);
        if (done.length < commands.length) this.repairs.consider(repo, said);
        return done;
      });
    } finally {
      this.enter(repo, -1);
    }
  }

  /** Answers without git, when the client has said all. */
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

  /** Two who deploy the same commit at once push the same ref; git would refuse the second, who finds it done. */
  private async afterOthers<T>(repo: string, commands: PushCommand[], push: () => Promise<T>): Promise<T> {
    const commit = ownCommit(commands);
    if (commit === null) return push();
    const key = `${repo} ${commit}`;
    const before = this.pushing.get(key);
    // A client that stands still must not keep the others for long.
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

  /** True if a push of one of fleet's own refs changes nothing. If it is shallow, a copy with history will do too. */
  private async isDone(repo: string, commands: PushCommand[], shallow: string | null): Promise<boolean> {
    const commit = ownCommit(commands);
    if (commit === null) return false;
    if (shallow !== null) return this.repositories.has(repo, commit);
    return (await this.repositories.ref(repo, commands[0]?.ref ?? '')) === commit;
  }

  /**
   * Has git take a push, and passes on what it says. Resolves to that, and to git's last words if it failed, else null.
   */
  private async receive(
    repo: string,
    reader: CommandReader,
    response: ServerResponse,
  ): Promise<{ failure: string | null; said: string }> {
    const output = new PassThrough();
    const env = this.processes.environment();
    const streams = { input: reader, output };
    const git = await startReceivePack(this.repositories.path(repo), env, streams, (child) =>
      this.processes.adoptWriter(child),
    );
    git.child.stdin?.on('error', () => {}); // It may refuse the push before it has read all.
    reader.pass();
    finished(reader, { writable: false }).catch(() => this.processes.endTidily(git));
    output.pipe(response, { end: false });
    let said = '';
    output.on('data', (chunk: Buffer) => {
      if (said.length < MAX_SAID) said += chunk.toString('latin1');
    });
    // What git still says to a client that is gone is read all the same, so that it can finish.
    response.once('close', () => output.resume());
    const [failure] = await Promise.all([git.ended, finished(output, { writable: false })]);
    if (failure !== null && !response.headersSent) refuse(response, 500, failure);
    return { failure, said: `${failure ?? ''}\n${withoutHeads(said)}` };
  }

  private async carriedOut(repo: string, commands: PushCommand[]): Promise<PushCommand[]> {
    const isDone = await Promise.all(
      commands.map(async ({ ref, after }) => (await this.repositories.ref(repo, ref)) === after),
    );
    return commands.filter((_, index) => isDone[index]);
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

/** What stands in packets of side-band 2, without the length and the byte that each begins with (gitprotocol-pack(5)). */
function withoutHeads(packets: string): string {
  const pieces = packets.split('\u0002');
  return pieces.map((piece, at) => (at < pieces.length - 1 ? piece.slice(0, -4) : piece)).join('');
}
