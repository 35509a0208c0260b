import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import { refuse, statusOf } from './http.ts';
import { Maintenance } from './maintenance.ts';
import { peel } from './peel.ts';
import type { PushCommand } from './push-commands.ts';
import { Pushes } from './receive-pack.ts';
import { GitProcesses } from './server-processes.ts';
import { GitStore } from './store.ts';
import { Fetches } from './upload-pack.ts';

/** Which repository a request is for, and whether it may change it. */
export interface GitAccess {
  repo: string;
  write: boolean;
}

export type GitVerdict = { ok: true; who: string } | { ok: false; status: 401 | 403 | 429; message: string };

/** A branch or tag that somebody pushed by hand, and the commit that it now stands for. */
export interface GitPush {
  repo: string;
  ref: string;
  commit: string;
  who: string;
  address: string;
}

export interface GitServerOptions {
  /** Holds `NAME.git`, bare. */
  dir: string;
  /** Asked for every request, before its body is read; `access` is null for a path that is none of git's. */
  authorize(request: IncomingMessage, access: GitAccess | null): Promise<GitVerdict>;
  /** Told of each branch and tag that a push has changed, when the commit is here for good. */
  onPush(push: GitPush): void;
  log?(line: string): void;
}

export interface GitServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Makes a repository where there is none. ELIMIT, EIO. */
  create(repo: string): Promise<void>;
  /** True where the commit is here and a ref holds it. */
  has(repo: string, commit: string): Promise<boolean>;
  /** Keeps the commit, and gives a plain `git clone` something to check out. EIO. */
  hold(repo: string, commit: string): Promise<void>;
  /** Ends every git process. */
  close(): Promise<void>;
}

const ROUTE =
  /^\/([^/?]+?)(?:\.git)?\/(?:info\/refs\?service=git-(upload-pack|receive-pack)|git-(upload-pack|receive-pack))$/;

/** The git service: node-git-server's packs behind a front of our own, which closes what it leaves open. */
export function createGitServer(options: GitServerOptions): GitServer {
  return new Server(options);
}

class Server implements GitServer {
  private readonly repositories: GitStore;
  private readonly processes: GitProcesses;
  private readonly fetches: Fetches;
  private readonly pushes: Pushes;

  constructor(private readonly options: GitServerOptions) {
    this.repositories = new GitStore(options.dir);
    this.repositories.sweepAll();
    this.processes = new GitProcesses(options.dir);
    this.fetches = new Fetches(this.repositories, this.processes);
    const maintenance = new Maintenance(this.repositories, this.processes, (line) => this.log(line));
    this.pushes = new Pushes(this.repositories, this.processes, maintenance);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {});
    this.answer(request, response).catch((error: unknown) => {
      this.log(`${request.method} ${(request.url ?? '').slice(0, 200)}: ${messageOf(error)}`);
      refuse(response, statusOf(error), messageOf(error));
    });
  }

  create(repo: string): Promise<void> {
    return this.repositories.create(repo);
  }

  has(repo: string, commit: string): Promise<boolean> {
    return this.repositories.has(repo, commit);
  }

  hold(repo: string, commit: string): Promise<void> {
    return this.repositories.hold(repo, commit);
  }

  async close(): Promise<void> {
    this.fetches.close();
    await this.processes.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, repo = '', asked, service = asked] = ROUTE.exec(request.url ?? '') ?? [];
    const access = service && isName(repo) ? { repo, write: service === 'receive-pack' } : null;
    const verdict = await this.options.authorize(request, access);
    if (!verdict.ok) {
      if (verdict.status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="fleet"');
      return refuse(response, verdict.status, verdict.message);
    }
    if (!access || !service) return refuse(response, 404, 'not found');
    if (request.method !== (asked ? 'GET' : 'POST')) {
      response.setHeader('Allow', asked ? 'GET' : 'POST');
      return refuse(response, 405, 'method not allowed');
    }
    if (access.write && asked) await this.create(repo);
    if (!this.repositories.exists(repo))
      return refuse(response, 404, `there is no repository ${repo} here yet; push to it, or: fleet deploy`);
    response.setHeader('Cache-Control', 'no-cache');
    if (asked) return this.fetches.advertise(repo, service, request, response);
    if (!access.write) return this.fetches.serve(repo, request, response);
    const address = request.socket.remoteAddress ?? 'unknown';
    const done = await this.pushes.serve(repo, request, response);
    for (const command of done) await this.announce(repo, command, verdict.who, address);
  }

  /** Fleet's own refs are pushed by `fleet deploy`, which says itself what to do with them. */
  private async announce(repo: string, command: PushCommand, who: string, address: string): Promise<void> {
    const { ref, before, after } = command;
    if (before === after || !/^refs\/(heads|tags)\//.test(ref)) return;
    const commit = ref.startsWith('refs/tags/') ? await peel(this.repositories.path(repo), after) : after;
    if (commit === null) return; // A tag of something else than a commit.
    await this.repositories.hold(repo, commit);
    if (ref.startsWith('refs/heads/')) await this.repositories.settleHead(repo, ref);
    this.log(`pushed ${repo} ${ref} ${commit} by ${who} from ${address}`);
    this.options.onPush({ repo, ref, commit, who, address });
  }

  private log(line: string): void {
    this.options.log?.(line);
  }
}
