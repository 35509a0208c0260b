import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { packSideband } from 'node-git-server';
import { FleetError } from '../protocol/errors.ts';
import { asksAsItIs, type Elsewhere } from './elsewhere.ts';
import { isTimeless, protocolOf, wantsOf } from './fetch-question.ts';
import { FetchReply, PULSE_EVERY_MS, takesPulse } from './fetch-reply.ts';
import { type Filling, PackCache } from './pack-cache.ts';
import { decoded } from './request-body.ts';
import type { GitProcess, GitProcesses } from './server-processes.ts';
import type { ShallowCommits } from './shallow-commits.ts';
import type { GitStore } from './store.ts';

/** The maximum bytes of a fetch request: a list of hashes. */
const MAX_QUESTION = 4 * 1024 * 1024;
const CACHE = { maxTotal: 64 * 1024 * 1024, maxEntry: 64 * 1024 * 1024, keepFor: 60_000, patience: 15_000 };

/** What git is started with. */
interface GitWork {
  args: string[];
  protocol: string;
  question: Buffer | null;
  whose: string | null;
}

/** A repository, and the token that asks for it; null for whoever is not limited. */
export interface FetchedFrom {
  repo: string;
  whose: string | null;
}

/** Serves `git fetch` and `git clone`. */
export class Fetches {
  private readonly packs = new PackCache(CACHE);

  constructor(
    private readonly repositories: GitStore,
    private readonly processes: GitProcesses,
    private readonly shallowCommits: ShallowCommits,
    private readonly elsewhere: Pick<Elsewhere, 'bring'> | null = null,
    private readonly pulseEveryMs = PULSE_EVERY_MS,
  ) {}

  /** Answers GET info/refs, for either service. Resolves as `serve` does. */
  async advertise(
    { repo, whose }: FetchedFrom,
    service: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<string | null> {
    const protocol = protocolOf(request);
    const source = service === 'upload-pack' ? await this.shallowCommits.sourceOf(repo, []) : repo;
    const path = this.repositories.path(source);
    response.setHeader('Content-Type', `application/x-git-${service}-advertisement`);
    const start = Buffer.from(`${packSideband(`# service=git-${service}\n`)}0000`);
    const args = [service, '--stateless-rpc', '--advertise-refs', path];
    // In version 2 the answer lists git's capabilities and no refs, so it is the same for everybody.
    const constant = service === 'upload-pack' && protocol === 'version=2';
    const key = `advertisement ${source} ${constant && (await this.repositories.configured(source))}`;
    return this.answer(
      constant ? key : null,
      { args, protocol, question: null, whose },
      new FetchReply(response, start),
    );
  }

  /** Answers POST git-upload-pack. Resolves to git's last error if it failed, else to null. */
  async serve(
    { repo, whose }: FetchedFrom,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<string | null> {
    const protocol = protocolOf(request);
    const question = await readAll(decoded(request), MAX_QUESTION);
    response.setHeader('Content-Type', 'application/x-git-upload-pack-result');
    const reply = new FetchReply(response);
    if (takesPulse(question, protocol)) reply.pulse(this.pulseEveryMs);
    try {
      const wants = wantsOf(question);
      if (!asksAsItIs(request)) await this.elsewhere?.bring(repo, wants);
      const source = await this.shallowCommits.sourceOf(repo, wants);
      const args = ['upload-pack', '--stateless-rpc', this.repositories.path(source)];
      const hash = createHash('sha256').update(question).digest('hex');
      const key = isTimeless(question, protocol) ? `${source} ${protocol} ${hash}` : null;
      return await this.answer(key, { args, protocol, question, whose }, reply);
    } finally {
      reply.stop();
    }
  }

  /** Forgets what was answered before. */
  forget(): void {
    this.packs.clear();
  }

  close(): void {
    this.forget();
  }

  private async answer(key: string | null, work: GitWork, reply: FetchReply): Promise<string | null> {
    const found = key === null ? null : await this.packs.find(key, reply);
    if (found && !('keep' in found)) {
      // Kept in memory once, however many read it, and however slowly.
      for (const chunk of found) reply.write(chunk);
      reply.end();
      await reply.over;
      return null;
    }
    const failure = await this.ask(found, work, reply);
    // Until it has everything, a client has one of the fetches of its token.
    await reply.over;
    return failure;
  }

  /** Has git answer. Resolves when git has ended, and its output is written or kept. */
  private async ask(
    found: Filling | null,
    { args, protocol, question, whose }: GitWork,
    reply: FetchReply,
  ): Promise<string | null> {
    const { response } = reply;
    const leave = await this.processes.semaphore.enter(whose);
    try {
      if (response.destroyed && !found?.isWanted) {
        found?.drop();
        return null;
      }
      return await this.processes.withMemory(whose, (bytes) => {
        const git = this.processes.read(args, bytes, protocol);
        git.child.stdin?.end(question ?? undefined);
        return this.send(git, found, reply);
      });
    } catch (error) {
      found?.drop();
      throw error;
    } finally {
      leave();
    }
  }

  /** Passes git's output on, at the reader's pace unless the cache keeps it. */
  private async send(git: GitProcess, filling: Filling | null, reply: FetchReply): Promise<string | null> {
    const { response } = reply;
    const { stdout } = git.child;
    let isWhole = false;
    const gone = () => {
      if (!filling?.isWanted && !isWhole) this.processes.kill(git);
      stdout?.resume();
    };
    response.once('close', gone);
    reply.drained = () => stdout?.resume();
    stdout?.on('data', (chunk: Buffer) => {
      const isKept = filling?.keep(chunk) ?? false;
      if (response.destroyed) return;
      if (!reply.write(chunk) && !isKept) stdout.pause();
    });
    const failure = await git.ended;
    isWhole = true;
    response.off('close', gone);
    if (failure === null) filling?.done();
    else filling?.drop();
    if (failure === null || git.child.signalCode === null) {
      // Git has told the client itself what is wrong, or prints nothing at all.
      if (failure !== null && !reply.hasBegun) reply.fail(500, failure);
      else reply.end();
    } else response.destroy();
    return failure;
  }
}

/** Returns the content of a stream. Throws ELIMIT if it is longer than `max` bytes. */
async function readAll(stream: AsyncIterable<Buffer>, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > max) throw new FleetError('ELIMIT', 'the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
