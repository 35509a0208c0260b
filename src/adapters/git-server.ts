import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { PassThrough, pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { packSideband, Service } from 'node-git-server';
import { messageOf } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';

const run = promisify(execFile);

/** Which repository a request is for, and whether it may change it. */
export interface GitAccess {
  repo: string;
  write: boolean;
}

export type GitVerdict = { ok: true; who: string } | { ok: false; status: 401 | 403 | 429; message: string };

export interface GitServerOptions {
  /** Holds `NAME.git`, bare. */
  dir: string;
  /** Asked for every request, before its body is read; `access` is null for a path that is none of git's. */
  authorize(request: IncomingMessage, access: GitAccess | null): Promise<GitVerdict>;
  /** Told of each branch and tag that a push has changed. */
  onPush(push: { repo: string; ref: string; commit: string; who: string }): void;
  log?(line: string): void;
}

export interface GitServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Makes a repository where there is none. */
  create(repo: string): Promise<void>;
  /** True where the commit is here and a ref holds it. */
  has(repo: string, commit: string): Promise<boolean>;
  /** Keeps the commit, and gives a plain `git clone` something to check out. */
  hold(repo: string, commit: string): Promise<void>;
  /** Ends every git process. */
  close(): Promise<void>;
}

type ServiceName = 'upload-pack' | 'receive-pack';

const ROUTE =
  /^\/([^/?]+?)(?:\.git)?\/(?:info\/refs\?service=git-(upload-pack|receive-pack)|git-(upload-pack|receive-pack))$/;
const SETTINGS = {
  'gc.auto': '0',
  'receive.autogc': 'false',
  'receive.fsckObjects': 'true',
  'uploadpack.allowAnySHA1InWant': 'true',
  'uploadpack.hideRefs': 'refs/fleet',
};

/** The git service: node-git-server's packs behind a front of our own, which locks the doors that it leaves open. */
export function createGitServer(options: GitServerOptions): GitServer {
  return new Server(options);
}

class Server implements GitServer {
  private readonly children = new Set<ChildProcess>();
  private readonly creating = new Map<string, Promise<void>>();

  constructor(private readonly options: GitServerOptions) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {});
    this.answer(request, response).catch((error: unknown) => refuse(response, 500, messageOf(error)));
  }

  create(repo: string): Promise<void> {
    let making = this.creating.get(repo);
    if (!making) {
      making = this.init(repo).finally(() => this.creating.delete(repo));
      this.creating.set(repo, making);
    }
    return making;
  }

  async has(repo: string, commit: string): Promise<boolean> {
    if (!existsSync(this.path(repo))) return false;
    const refs = await this.refs(repo);
    if (refs.has(`refs/fleet/${commit}`)) return true;
    return [...refs.values()].includes(commit);
  }

  async hold(repo: string, commit: string): Promise<void> {
    const path = this.path(repo);
    await run('git', ['-C', path, 'update-ref', `refs/fleet/${commit}`, commit]);
    const refs = await this.refs(repo);
    const byHand = [...refs.keys()].some(
      (ref) => ref.startsWith('refs/heads/') && ref !== 'refs/heads/deployed',
    );
    if (!byHand) {
      await run('git', ['-C', path, 'update-ref', 'refs/heads/deployed', commit]);
      await run('git', ['-C', path, 'symbolic-ref', 'HEAD', 'refs/heads/deployed']);
    }
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
  }

  private path(repo: string): string {
    return join(this.options.dir, `${repo}.git`);
  }

  private async init(repo: string): Promise<void> {
    const path = this.path(repo);
    if (existsSync(join(path, 'HEAD'))) return;
    await mkdir(path, { recursive: true });
    await run('git', ['init', '--bare', '--quiet', path]);
    for (const [name, value] of Object.entries(SETTINGS))
      await run('git', ['-C', path, 'config', name, value]);
  }

  private async refs(repo: string): Promise<Map<string, string>> {
    const { stdout } = await run(
      'git',
      ['-C', this.path(repo), 'for-each-ref', '--format=%(refname) %(objectname) %(*objectname)'],
      {
        maxBuffer: 1 << 28,
      },
    );
    const rows = stdout
      .split('\n')
      .filter(Boolean)
      .map((row) => row.split(' '));
    return new Map(rows.map(([name = '', object = '', peeled]) => [name, peeled || object]));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, repo = '', asked, service = asked] = ROUTE.exec(request.url ?? '') ?? [];
    const access = service && isName(repo) ? { repo, write: service === 'receive-pack' } : null;
    const verdict = await this.options.authorize(request, access);
    if (!verdict.ok) {
      if (verdict.status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="fleet"');
      return refuse(response, verdict.status, verdict.message);
    }
    if (!access) return refuse(response, 404, 'not found');
    if (access.write && asked) await this.create(repo);
    if (!existsSync(this.path(repo))) return refuse(response, 404, 'repository not found');
    if (request.method !== (asked ? 'GET' : 'POST')) return refuse(response, 405, 'method not allowed');
    response.setHeader('Cache-Control', 'no-cache');
    if (asked) return this.advertise(repo, service as ServiceName, response);
    return this.serve(repo, service as ServiceName, verdict.who, request, response);
  }

  private advertise(repo: string, service: ServiceName, response: ServerResponse): void {
    response.setHeader('Content-Type', `application/x-git-${service}-advertisement`);
    response.write(`${packSideband(`# service=git-${service}\n`)}0000`);
    const child = this.own(
      spawn('git', [service, '--stateless-rpc', '--advertise-refs', this.path(repo)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
      response,
    );
    if (child.stdout) pipeline(child.stdout, response, () => {});
  }

  private async serve(
    repo: string,
    name: ServiceName,
    who: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (!/^(identity|x-gzip|gzip)$/.test(encoding)) return refuse(response, 415, 'gzip or nothing');
    const before = name === 'receive-pack' ? await this.refs(repo) : null;
    const { 'content-encoding': _, ...headers } = request.headers;
    const input = Object.assign(new PassThrough(), { headers, method: request.method, url: request.url });
    let children = 0;
    const failed = () => {
      if (!response.headersSent) refuse(response, 400, 'the request is broken');
      else response.destroy();
    };
    response.setHeader('Content-Type', `application/x-git-${name}-result`);
    const service = new Service(
      { repo, service: name, cwd: this.path(repo) },
      input as unknown as IncomingMessage,
      response,
    );
    service.on('error', failed);
    service.on('service', (child: ChildProcess) => {
      children++;
      child.stdin?.on('error', () => {});
      this.own(child, response);
      child.once('close', () => before && void this.pushed(repo, who, before));
    });
    service.accept();
    if (encoding === 'identity') pipeline(request, input, (error) => error && this.abort(children, response));
    else pipeline(request, createGunzip(), input, (error) => error && failed());
  }

  private abort(_children: number, response: ServerResponse): void {
    response.destroy();
  }

  /** A child of this server's: it does not outlive the response that it is for. */
  private own(child: ChildProcess, response: ServerResponse): ChildProcess {
    this.children.add(child);
    child.once('close', () => this.children.delete(child));
    child.on('error', () => response.destroy());
    response.once('close', () => child.exitCode === null && child.kill('SIGKILL'));
    return child;
  }

  private async pushed(repo: string, who: string, before: Map<string, string>): Promise<void> {
    const after = await this.refs(repo);
    const changed = [...after].filter(
      ([ref, commit]) => /^refs\/(heads|tags)\//.test(ref) && before.get(ref) !== commit,
    );
    const [first] = changed.filter(([ref]) => ref.startsWith('refs/heads/'));
    const head = await run('git', ['-C', this.path(repo), 'rev-parse', '--verify', '--quiet', 'HEAD']).catch(
      () => null,
    );
    if (!head && first) await run('git', ['-C', this.path(repo), 'symbolic-ref', 'HEAD', first[0]]);
    for (const [ref, commit] of changed) this.options.onPush({ repo, ref, commit, who });
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${message}\n`);
}
