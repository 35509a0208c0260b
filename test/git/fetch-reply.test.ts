import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { takesPulse } from '../../src/git/fetch-reply.ts';
import { type GitCommand, GitProcesses } from '../../src/git/server-processes.ts';
import { ShallowCommits } from '../../src/git/shallow-commits.ts';
import { GitStore } from '../../src/git/store.ts';
import { Fetches } from '../../src/git/upload-pack.ts';
import { GitHost } from '../fixtures/git-host.ts';
import { eventually, headOf } from '../fixtures/local-fleet.ts';
import { packet } from '../fixtures/push.ts';

const PULSE = '0005\x02';

test('only a fetch that asks for the side band from the start takes a pulse', () => {
  const fetch = packet('command=fetch');
  const table: [string, string, boolean][] = [
    [fetch + packet('sideband-all'), 'version=2', true],
    [fetch + packet('sideband-all\n'), 'version=2', true],
    [fetch + packet('ofs-delta'), 'version=2', false],
    [fetch + packet('sideband-all'), 'version=1', false],
    [fetch + packet('sideband-all'), '', false],
  ];
  for (const [question, protocol, takes] of table)
    assert.equal(takesPulse(Buffer.from(question), protocol), takes, `${question} ${protocol}`);
});

/** Starts a git that waits until a file is there, or that fails if it is not empty. */
class HeldProcesses extends GitProcesses {
  readonly go: string;
  private readonly bin: string;

  constructor(home: string) {
    super(home);
    this.bin = join(home, '../bin');
    this.go = join(home, '../go');
    mkdirSync(this.bin);
    const path = join(this.bin, 'git');
    const held = `while [ ! -e '${this.go}' ]; do sleep 0.02; done; [ ! -s '${this.go}' ] || { cat '${this.go}' >&2; exit 1; }`;
    writeFileSync(path, `#!/bin/sh\nPATH='${process.env['PATH']}'\n${held}\nexec git "$@"\n`);
    chmodSync(path, 0o755);
  }

  override command(
    args: readonly string[],
    memoryBytes: number,
    extra: Record<string, string> = {},
  ): GitCommand {
    const git = super.command(args, memoryBytes, extra);
    return { ...git, env: { ...git.env, PATH: `${this.bin}:${process.env['PATH']}` } };
  }
}

let host: GitHost;
let processes: HeldProcesses;
let fetches: Fetches;
let server: Server;
let app: string;
let responses: ServerResponse[];
let pulses: Map<ServerResponse, number>;

beforeEach(async () => {
  host = await new GitHost().start();
  app = host.app('app');
  const head = headOf(app);
  await host.run(app, 'push', host.url('app'), `${head}:refs/fleet/${head}`, 'main');
  processes = new HeldProcesses(host.repos);
  const store = new GitStore(host.repos);
  fetches = new Fetches(store, processes, new ShallowCommits(store), null, 10);
  responses = [];
  pulses = new Map();
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  fetches.close();
  await processes.close();
  server.closeAllConnections();
  server.close();
  await host.end();
});

function serve(request: IncomingMessage, response: ServerResponse): Promise<string | null> {
  responses.push(response);
  const { write } = response;
  response.write = ((chunk: Buffer) => {
    if (String(chunk) === PULSE) pulses.set(response, (pulses.get(response) ?? 0) + 1);
    return write.call(response, chunk, 'latin1');
  }) as typeof response.write;
  return fetches.serve({ repo: 'app', whose: null }, request, response);
}

function ask(): Promise<string> {
  const body = [
    ...[packet('command=fetch'), '0001', packet('sideband-all'), packet(`want ${headOf(app)}\n`)],
    ...[packet('done\n'), '0000'],
  ].join('');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return fetch(url, { method: 'POST', headers: { 'git-protocol': 'version=2' }, body }).then(
    async (response) => Buffer.from(await response.arrayBuffer()).toString('latin1'),
  );
}

const allPulse = (clients: number) => () =>
  responses.length === clients && responses.every((one) => (pulses.get(one) ?? 0) > 2);

test('everybody who waits for a pack that is slow to begin is shown life, and then gets it', async () => {
  const answers = [ask(), ask(), ask()];
  await eventually(allPulse(3), 'all three have a pulse');
  writeFileSync(processes.go, '');
  for (const answer of await Promise.all(answers)) {
    assert.ok(answer.startsWith(PULSE.repeat(3)));
    assert.match(answer, /packfile\n.*PACK/s);
  }
});

test('a git that fails after the first pulse still says why', async () => {
  const answer = ask();
  await eventually(allPulse(1), 'it has a pulse');
  writeFileSync(processes.go, 'fatal: the disk is broken\n');
  assert.ok((await answer).endsWith(packet('\x03fatal: the disk is broken')));
});

test('git itself takes the pulse', async () => {
  const { git } = host as unknown as { git: { fetches: Pick<Fetches, 'advertise' | 'serve' | 'close'> } };
  const ofHost = git.fetches;
  git.fetches = {
    advertise: (...args) => ofHost.advertise(...args),
    serve: (_repo, request, response) => serve(request, response),
    close: () => ofHost.close(),
  };
  const head = headOf(app);
  const mirror = join(host.dir, 'mirror');
  await host.run(host.dir, 'init', '-q', '--bare', mirror);
  const fetched = host.run(mirror, 'fetch', '-q', '--no-tags', host.url('app'), `${head}:refs/fleet/${head}`);
  await eventually(allPulse(1), 'it has a pulse');
  writeFileSync(processes.go, '');
  assert.deepEqual(await fetched, { code: 0, text: '' });
  assert.equal((await host.run(mirror, 'rev-parse', `refs/fleet/${head}`)).text.trim(), head);
});
