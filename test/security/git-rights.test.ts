import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client, Right, TokenLimits } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { headOf, LocalFleet } from '../fixtures/local-fleet.ts';
import { command, EMPTY_PACK, FLUSH } from '../fixtures/push.ts';

const fleet = new LocalFleet();
let owner: Client;
let head: string;
before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
  for (const repo of ['other', 'webapp']) {
    const app = fleet.app(repo, { 'a.txt': repo });
    await owner.deploy({ dir: app });
    head = headOf(app);
  }
});
after(() => fleet.end());

/** What is asked for, each at the port that it is for. */
const REQUESTS = {
  endpoints: ['GET', 'port', '/v1/endpoints'],
  fetch: ['GET', 'gport', '/webapp.git/info/refs?service=git-upload-pack'],
  'fetch other': ['GET', 'gport', '/other.git/info/refs?service=git-upload-pack'],
  commit: ['refs/fleet/', 'gport', '/webapp.git/git-receive-pack'],
  branch: ['refs/heads/', 'gport', '/webapp.git/git-receive-pack'],
  'push other': ['refs/heads/', 'gport', '/other.git/git-receive-pack'],
} as const;

type Asked = keyof typeof REQUESTS;
interface Token {
  can: Right[];
  repo?: string;
  limits?: TokenLimits;
  may: Asked[];
}

const EVERYWHERE: Asked[] = ['fetch', 'fetch other', 'commit', 'branch', 'push other'];
const stage = { stage: 'pr-*' };
const TOKENS: Token[] = [
  { can: ['read'], may: ['endpoints', 'fetch', 'fetch other'] },
  { can: ['deploy'], may: EVERYWHERE },
  { can: ['release'], may: EVERYWHERE },
  { can: ['drone'], may: ['fetch', 'fetch other'] },
  { can: ['exec'], may: [] },
  { can: ['admin'], may: [] },
  { can: ['proxy'], may: ['endpoints'] },
  { can: ['proxy'], repo: 'webapp', may: ['endpoints'] },
  { can: ['read'], repo: 'webapp', may: ['endpoints', 'fetch'] },
  { can: ['deploy'], repo: 'webapp', may: ['fetch', 'commit', 'branch'] },
  { can: ['release'], repo: 'webapp', limits: stage, may: ['fetch', 'commit'] },
  { can: ['read', 'deploy'], repo: 'webapp', limits: stage, may: ['endpoints', 'fetch', 'commit'] },
  { can: ['read', 'deploy'], limits: { drones: ['web1'] }, may: ['fetch', 'fetch other', 'commit'] },
  { can: ['read', 'exec'], limits: { commands: [['x']] }, may: ['endpoints', 'fetch', 'fetch other'] },
];

/** Returns true unless the request, or the push in it, is refused for who makes it. */
async function isAllowed(secret: string, asked: Asked, n: number): Promise<boolean> {
  const [method, port, path] = REQUESTS[asked];
  const isPush = method !== 'GET';
  const ref = method === 'refs/fleet/' ? `${method}${head}` : `${method}b${n}`;
  const push = Buffer.from(command(ref, undefined, head, 'report-status') + FLUSH);
  const answer = await fetch(`http://127.0.0.1:${fleet.hub[port]}${path}`, {
    headers: { authorization: basicAuth(secret) },
    ...(isPush ? { method: 'POST', body: Buffer.concat([push, EMPTY_PACK]) } : {}),
  });
  const text = await answer.text();
  assert.ok([200, 403].includes(answer.status), `${asked}: ${answer.status} ${text}`);
  return answer.status === 200 && !/^[0-9a-f]{4}ng .* the token /m.test(text);
}

for (const [n, { may, ...token }] of TOKENS.entries())
  test(`over HTTP, a token ${JSON.stringify(token)} may ${may.join(', ') || 'nothing'}`, async () => {
    const secret = await owner.tokenCreate({ name: `t${n}`, ...token });
    const allowed: Asked[] = [];
    for (const asked of Object.keys(REQUESTS) as Asked[])
      if (await isAllowed(secret, asked, n)) allowed.push(asked);
    assert.deepEqual(allowed, may);
  });
