import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { packSideband } from 'node-git-server';
import { FleetError } from '../protocol/errors.ts';
import { asksAsItIs, type Elsewhere } from './elsewhere.ts';
import { FetchReply, PULSE_EVERY_MS, takesPulse } from './fetch-reply.ts';
import { type Filling, PackCache } from './pack-cache.ts';
import { decoded } from './request-body.ts';
import type { GitProcess, GitProcesses } from './server-processes.ts';
import type { ShallowCommits } from './shallow-commits.ts';
import type { GitStore } from './store.ts';

/** The maximum bytes of a fetch request: a list of hashes. */
const MAX_QUESTION = 4 * 1024 * 1024;
/** The maximum bytes of a request whose answer is cached; a drone's has a few hundred. */
const MAX_KEPT_QUESTION = 64 * 1024;
const CACHE = { maxTotal: 64 * 1024 * 1024, maxEntry: 64 * 1024 * 1024, keepFor: 60_000 };

/** The value of a Git-Protocol header that may go into git's environment. */
export function protocolOf(request: IncomingMessage): string {
  const given = request.headers['git-protocol'];
  return typeof given === 'string' && /^[a-z0-9=:.-]{1,100}$/.test(given) ? given : '';
}

/**
 * Returns true if the answer depends on objects only, and not on the current refs: a fetch in version 2
 * (gitprotocol-v2(5)), without the arguments that name refs or tags.
 */
export function isTimeless(question: Buffer, protocol: string): boolean {
  if (!/(^|:)version=2(:|$)/.test(protocol) || question.length > MAX_KEPT_QUESTION) return false;
  const text = question.toString('latin1');
  // Git itself leaves out the newline that a packet may end with.
  return (
    /^(0011command=fetch|0012command=fetch\n)/.test(text) && !/include-tag|want-ref|deepen-not/.test(text)
  );
}

/** Returns the objects that a fetch wants, in any version of the protocol (gitprotocol-pack(5), gitprotocol-v2(5)). */
export function wantsOf(question: Buffer): string[] {
  return [...question.toString('latin1').matchAll(/[0-9a-f]{4}want ([0-9a-f]{40})/g)].map(
    ([, want = '']) => want,
  );
}

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

  private async answer(
    key: string | null,
    { args, protocol, question, whose }: GitWork,
    reply: FetchReply,
  ): Promise<string | null> {
    const { response } = reply;
    const found = key === null ? null : await this.packs.find(key);
    if (found && !('keep' in found)) {
      // Kept in memory once, however many read it, and however slowly.
      for (const chunk of found) reply.write(chunk);
      reply.end();
      return null;
    }
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
    response.on('drain', () => stdout?.resume());
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
