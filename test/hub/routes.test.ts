import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PushHandlers } from '../../src/git/push-handlers.ts';
import type { GitServer } from '../../src/git/server.ts';
import { Shares } from '../../src/hub/access/shares.ts';
import type { Call } from '../../src/hub/route.ts';
import { gitRoutes, peerRoutes } from '../../src/hub/routes.ts';
import { OWNER } from '../fixtures/principal.ts';

const UNTIL = new AbortController().signal;

/** What each route of git does with a request: which right it requires, and what it calls. */
const routes = () => {
  const done: unknown[] = [];
  const note =
    (what: string) => async (of: unknown, _request: unknown, _response: unknown, handlers?: unknown) => {
      done.push([what, of, ...(handlers ? [handlers] : [])]);
    };
  const git = {
    ...{ advertiseFetch: note('advertise fetch'), fetch: note('fetch') },
    ...{ advertisePush: note('advertise push'), push: note('push') },
  };
  return {
    done,
    routes: gitRoutes(
      git as unknown as GitServer,
      { handlersFor: (who) => ({ who: who.name }) as unknown as PushHandlers },
      { during: async (_who, _characters, act) => act() },
      new Shares(),
    ),
  };
};

for (const [method, path, rights, expected] of [
  [
    'GET',
    '/webapp.git/info/refs?service=git-upload-pack',
    'read deploy release drone',
    ['advertise fetch', { repo: 'webapp', whose: null }],
  ],
  [
    'POST',
    '/webapp/git-upload-pack',
    'read deploy release drone',
    ['fetch', { repo: 'webapp', whose: null }],
  ],
  [
    'GET',
    '/web.app.git/info/refs?service=git-receive-pack',
    'deploy release',
    ['advertise push', { repo: 'web.app', whose: null }],
  ],
  [
    'POST',
    '/webapp.git/git-receive-pack',
    'deploy release',
    ['push', 'webapp', { who: 'secret', until: UNTIL }],
  ],
  ['GET', '/webapp.git/info/refs', null, null],
  ['GET', '/webapp.git/info/refs?service=git-upload-archive', null, null],
  ['GET', '/a/b.git/info/refs?service=git-upload-pack', null, null],
  ['POST', '/webapp.git/git-receive-pack?x', null, null],
  ['PUT', '/webapp.git/git-receive-pack', null, null],
] as const) {
  test(`${method} ${path} ${rights ? `requires ${rights}` : 'is not git'}`, async () => {
    const { done, routes: all } = routes();
    const matching = all.filter((route) => route.method === method && route.path.test(path));
    assert.deepEqual(
      matching.map((route) => route.rights.join(' ')),
      rights === null ? [] : [rights],
    );
    const params = matching[0]?.path.exec(path)?.groups ?? {};
    await matching[0]?.serve({ params, who: OWNER, until: UNTIL } as unknown as Call);
    assert.deepEqual(done, expected === null ? [] : [expected]);
  });
}

test('a drone needs a right to connect; a client needs one for each of its calls', () => {
  const all = peerRoutes({} as never, {} as never, {} as never);
  const rightsFor = (path: string) =>
    all.filter((route) => route.path.test(path)).map(({ rights }) => rights);
  assert.deepEqual(rightsFor('/v1/client'), [[]]);
  assert.deepEqual(rightsFor('/v1/drone'), [['drone']]);
  assert.deepEqual(rightsFor('/v1/client/'), []);
  assert.deepEqual(rightsFor('/v2/drone'), []);
});
