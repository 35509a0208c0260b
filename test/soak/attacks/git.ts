import { randomBytes } from 'node:crypto';
import { type ClientRequest, type RequestOptions, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushCommit } from '../../../src/git/push.ts';
import { hubRemote } from '../../../src/git/remote.ts';
import { basicAuth } from '../../../src/protocol/authorization.ts';
import { deltaBomb } from '../../fixtures/delta-bomb.ts';
import { commit, headOf, initRepository } from '../../fixtures/local-fleet.ts';
import { command, EMPTY_PACK, FLUSH, packet } from '../../fixtures/push.ts';
import { treeBomb } from '../../fixtures/tree-bomb.ts';
import { type Attacks, inBatches, type Scene, tally } from './attack.ts';
import { rawClient } from './raw-client.ts';

const GIB = 1024 ** 3;
const FIRST = 'report-status side-band-64k';

async function post({ gport }: Scene, token: string, path: string, body: Buffer): Promise<string> {
  const headers = { authorization: basicAuth(token) };
  const answer = await fetch(`http://127.0.0.1:${gport}${path}`, { method: 'POST', headers, body });
  const text = await answer.text();
  const why = /fatal: [^\n]*|ng \S+ [^\n]*/.exec(text)?.[0] ?? text.slice(0, 60);
  if (!answer.ok || why !== '') throw new Error(`${answer.status} ${why}`);
  return text;
}

/** Requests that are begun and never ended, or whose answers are not read. */
async function stalled(
  scene: Scene,
  token: string,
  count: number,
  path: string,
  bodyOf: (n: number) => string,
  isWhole: boolean,
  { headers = {}, holdMs = 5_000 }: { headers?: Record<string, string>; holdMs?: number } = {},
) {
  const requests: ClientRequest[] = [];
  const answers: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    const options = { host: '127.0.0.1', port: scene.gport, method: 'POST', path, agent: false };
    const ask = scene.fingerprint === undefined ? request : secureRequest;
    const all = { authorization: basicAuth(token), ...headers };
    const one = ask({ ...options, rejectUnauthorized: false, headers: all } as RequestOptions);
    requests.push(one);
    answers.push(
      new Promise((resolve, reject) => {
        one.on('error', reject).on('response', ({ statusCode = 0 }) => {
          if (statusCode >= 400) reject(new Error(String(statusCode)));
        });
        setTimeout(resolve, holdMs);
      }),
    );
    if (isWhole) one.end(bodyOf(n));
    else one.write(bodyOf(n));
  }
  const told = await tally(answers);
  for (const one of requests) one.destroy();
  return told;
}

/** Clones by version 2 of git's protocol, whose answers the hub keeps: see PackCache. */
async function unreadClones(scene: Scene, count: number, eachItsOwn: boolean): Promise<string> {
  const has = () => (eachItsOwn ? packet(`have ${randomBytes(20).toString('hex')}\n`) : '');
  const question = () =>
    `${packet('command=fetch')}0001${packet(`want ${scene.release.commit}\n`)}${has()}${packet('done\n')}${FLUSH}`;
  const token = await scene.token('cloner', ['read']);
  const headers = { 'git-protocol': 'version=2' };
  return stalled(scene, token, count, '/webapp.git/git-upload-pack', question, true, {
    headers,
    holdMs: 20_000,
  });
}

/** What somebody can do with git. */
export const GIT_ATTACKS: Attacks = {
  '1,000 questions before a push, each for a new repository': async ({ gport, token }) => {
    const headers = { authorization: basicAuth(await token('asker', ['deploy'])) };
    const url = (n: number) => `http://127.0.0.1:${gport}/r${n}.git/info/refs?service=git-receive-pack`;
    return inBatches(1_000, 20, async (n) => (await fetch(url(n), { headers })).arrayBuffer());
  },
  'a push of 300 kB, in chunks of one byte': async ({ gport, token }) => {
    const secret = basicAuth(await token('slicer', ['deploy']));
    const socket = connect(gport, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `POST /webapp.git/git-receive-pack HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${secret}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const text = Array.from({ length: 3_000 }, (_, n) => command(`refs/heads/b${n}`)).join('');
    for (let at = 0; at < text.length; at += 1_000) {
      const chunks = [...text.slice(at, at + 1_000)].map((one) => `1\r\n${one}\r\n`).join('');
      if (!socket.write(chunks))
        await Promise.race([new Promise((go) => socket.once('drain', go)), sleep(5_000)]);
    }
    socket.destroy();
    return 'read as it came';
  },
  '64 slow pushes': async (scene) => {
    const first = command('refs/heads/slow', undefined, scene.release.commit, FIRST);
    return stalled(
      scene,
      await scene.token('slow', ['deploy']),
      64,
      '/webapp.git/git-receive-pack',
      () => first,
      false,
    );
  },
  '200 clones that are not read': async (scene) => {
    const wants = `${packet(`want ${scene.release.commit} side-band-64k\n`)}${FLUSH}${packet('done\n')}`;
    return stalled(
      scene,
      await scene.token('cloner', ['read']),
      200,
      '/webapp.git/git-upload-pack',
      () => wants,
      true,
    );
  },
  '64 clones that are not read, each with a question of its own': (scene) => unreadClones(scene, 64, true),
  'TLS: 64 clones that are not read, with the same question': (scene) => unreadClones(scene, 64, false),
  'TLS: 64 clones that are not read, each with a question of its own': (scene) =>
    unreadClones(scene, 64, true),
  'a push of 20,000 branches': async (scene) => {
    const { commit: head } = scene.release;
    const lines = Array.from({ length: 20_000 }, (_, n) =>
      command(`refs/heads/b${n}`, undefined, head, n ? undefined : FIRST),
    );
    const body = Buffer.concat([Buffer.from(`${lines.join('')}${FLUSH}`), EMPTY_PACK]);
    return tally([
      post(scene, await scene.token('brancher', ['deploy']), '/webapp.git/git-receive-pack', body),
    ]);
  },
  '16 pushes of 16 kB that are 3 GB each': async (scene) => {
    const secret = await scene.token('bomber', ['deploy']);
    const body = Buffer.concat([
      Buffer.from(`${command('refs/heads/x', undefined, undefined, FIRST)}${FLUSH}`),
      deltaBomb(3 * GIB),
    ]);
    return tally(Array.from({ length: 16 }, () => post(scene, secret, '/bomb.git/git-receive-pack', body)));
  },
  'a commit of 700 bytes with a million files, deployed': async (scene) => {
    const bomb = treeBomb(join(scene.dir, 'trees'), 6);
    const secret = await scene.token('planter', ['deploy']);
    const release = { repo: 'trees', commit: headOf(bomb) };
    await pushCommit(bomb, hubRemote({ hub: scene.address, secret }), release.repo, release.commit);
    const peer = await rawClient(scene.address, secret);
    const { result } = await peer.call('deploy', release, 60_000);
    peer.close();
    return JSON.stringify((result as { drones: { real: unknown } }).drones.real).slice(0, 160);
  },
};

/** Makes a repository that takes a while to send. */
export function largeApp(dir: string): string {
  initRepository(dir);
  commit(dir, { 'a.txt': 'a', 'large.txt': randomBytes(15_000_000).toString('base64') });
  return dir;
}
