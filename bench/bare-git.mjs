import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { run } from './command.mjs';
import { plainEnvironment } from './fleet.mjs';
import { git } from './repository.mjs';

/** Called directly, because `git http-backend` would be one more process per request. */
const BACKEND = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

let count = 0;

/**
 * The floor of a deploy: git alone. There is one repository, and each worker fetches from it into its own mirror and checks
 * out into a new directory.
 */
export class BareGit {
  #dir;
  #workers;
  #url;

  /** Served by `git http-backend`, as a hub in a network is. */
  static async overHttp(stage, workers) {
    const bare = await BareGit.#make(stage, workers);
    const server = createServer((request, response) => backend(bare.#dir, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stage.later(() => {
      server.close();
      server.closeAllConnections();
    });
    bare.#url = `http://127.0.0.1:${server.address().port}/served.git`;
    return bare;
  }

  /** A path on this machine's disk, which a fleet of several machines cannot have. */
  static async overFiles(stage, workers) {
    const bare = await BareGit.#make(stage, workers);
    bare.#url = join(bare.#dir, 'served.git');
    return bare;
  }

  static async #make(stage, workers) {
    const bare = new BareGit();
    bare.#dir = stage.place(`bare-git-${++count}`);
    bare.#workers = workers;
    await git(bare.#dir, 'init', '-q', '--bare', 'served.git');
    await git(join(bare.#dir, 'served.git'), 'config', 'http.receivepack', 'true');
    for (let at = 0; at < workers; at++) await git(bare.#dir, 'init', '-q', '--bare', `mirror${at}.git`);
    return bare;
  }

  /** Pushes a commit, and has all workers fetch it and check it out at the same time. */
  async deploy(app, commit) {
    const env = plainEnvironment();
    await run(['git', 'push', '-q', this.#url, `${commit}:refs/heads/main`], { cwd: app, env });
    const script = `git fetch -q --no-tags "$1" main && mkdir "$2" && git --work-tree="$2" checkout -q -f "$3" -- .`;
    await Promise.all(
      Array.from({ length: this.#workers }, (_, at) => {
        const tree = join(this.#dir, `tree${at}.${commit}`);
        const cwd = join(this.#dir, `mirror${at}.git`);
        const index = { GIT_INDEX_FILE: join(this.#dir, `index${at}.${commit}`), GIT_DIR: cwd };
        return run(['sh', '-ec', script, 'sh', this.#url, tree, commit], { cwd, env: { ...env, ...index } });
      }),
    );
  }
}

/** CGI, as described in git-http-backend(1). */
function backend(root, request, response) {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  const child = spawn(BACKEND, [], {
    env: plainEnvironment({
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      ...(request.headers['content-length'] && { CONTENT_LENGTH: request.headers['content-length'] }),
    }),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head = '';
  const onData = (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', onData);
    for (const line of head.slice(0, end).split('\r\n')) {
      const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? [];
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else if (name) response.setHeader(name, value);
    }
    response.write(Buffer.from(head.slice(end + 4), 'latin1'));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', onData);
  child.once('close', () => response.end());
}
