import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { fetchCommit } from '../../src/git/mirror.ts';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { type Client, createDrone, type Right } from '../../src/index.ts';
import { eventually, headOf, LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const LOUD = 'setInterval(() => console.log("hello"), 20)';
let owner: Client;
/** Two apps, each deployed and running. */
const apps = { mine: '', theirs: '' };
const heads = { mine: '', theirs: '' };
const ids = { mine: '', theirs: '' };

before(async () => {
  await fleet.startHub();
  await fleet.startDrone('web1');
  owner = await fleet.connect();
  for (const name of ['mine', 'theirs'] as const) {
    apps[name] = fleet.app(name, { 'loud.js': LOUD });
    heads[name] = headOf(apps[name]);
    await owner.deploy({ dir: apps[name] });
    const { drones } = await owner.spawn({ dir: apps[name], command: ['node', 'loud.js'] });
    ids[name] = drones['web1']?.id ?? '';
  }
});
after(() => fleet.end());

let count = 0;
async function tokenFor(can: Right[], repo?: string, lifetime?: number): Promise<string> {
  const name = `t${count++}`;
  return owner.tokenCreate({
    name,
    can,
    ...(repo === undefined ? {} : { repo }),
    ...(lifetime === undefined ? {} : { lifetime }),
  });
}

const gitRemote = (secret: string) => hubRemote({ hub: fleet.address, secret });
const missing = (right: Right) => ({
  code: 'EFORBIDDEN',
  message: new RegExp(`lacks the right '${right}'.*--can=${right}`),
});

/** What each right opens; every one of these fails without it. */
const DEEDS: Record<Exclude<Right, 'drone'>, Record<string, (client: Client) => Promise<unknown>>> = {
  read: {
    ps: (client) => client.ps(),
    drones: (client) => client.drones(),
    'prune --dry-run': (client) => client.prune({ dryRun: true }),
    logs: async (client) => {
      for await (const _ of client.logs({ ids: [ids.mine], lines: 1 })) break;
    },
    monitor: async (client) => {
      for await (const _ of client.monitor()) break;
    },
  },
  deploy: {
    deploy: (client) => client.deploy({ dir: apps.mine }),
    spawn: (client) => client.spawn({ dir: apps.mine, command: ['true'] }),
    stop: (client) => client.stop(['ffffff']),
    restart: (client) => client.restart(['ffffff']),
  },
  release: {},
  exec: {
    exec: (client) => client.exec({ dir: apps.mine, command: ['true'] }),
  },
  proxy: {
    followEndpoints: (client) => {
      const over = new AbortController();
      return client.followEndpoints({ drains: true, signal: over.signal, changed: () => over.abort() });
    },
  },
  admin: {
    'token.list': (client) => client.tokenList(),
    'token.create': (client) => client.tokenCreate({ name: `made${count++}`, can: ['admin'] }),
    'token.remove': async (client) => {
      const name = `made${count++}`;
      await owner.tokenCreate({ name, can: ['read'] });
      await client.tokenRemove(name);
    },
    audit: (client) => client.audit(1),
    prune: (client) => client.prune(),
  },
};

for (const right of ['read', 'deploy', 'exec', 'proxy', 'admin'] as const) {
  test(`the right '${right}' allows what it says, and every refusal names the missing right`, async () => {
    const client = await fleet.connect(await tokenFor([right]));
    for (const [needed, deeds] of Object.entries(DEEDS)) {
      for (const [what, act] of Object.entries(deeds)) {
        if (needed === right) await assert.doesNotReject(act(client), what);
        else await assert.rejects(act(client), missing(needed as Right), what);
      }
    }
    client.close();
  });
}

test("only the right 'drone' joins as a worker, and it allows nothing that clients do", async () => {
  const join1 = (secret: string, name: string) =>
    createDrone({ hub: fleet.address, secret, name, dir: join(fleet.dir, name) });
  const other = await tokenFor(['read', 'deploy', 'exec', 'admin']);
  const refused = await join1(other, 'refused');
  await assert.rejects(refused.connected, missing('drone'));
  await refused.close();
  const token = await tokenFor(['drone']);
  const drone = await join1(token, 'worker');
  await drone.connected;
  const client = await fleet.connect(token);
  await assert.rejects(client.ps(), missing('read'));
  client.close();
  await fetchCommit(join(fleet.dir, 'as-drone'), gitRemote(token), 'theirs', heads.theirs);
  await drone.close();
});

test('git requires the same rights: deploy to push, and any of deploy, read or drone to fetch', async () => {
  const [deploy, read, exec] = await Promise.all([
    tokenFor(['deploy']),
    tokenFor(['read']),
    tokenFor(['exec']),
  ]);
  await pushCommit(apps.mine, gitRemote(deploy), 'mine', heads.mine);
  for (const secret of [read, exec])
    await assert.rejects(pushCommit(apps.mine, gitRemote(secret), 'mine', heads.mine), {
      code: 'EFORBIDDEN',
    });
  for (const secret of [deploy, read])
    await fetchCommit(join(fleet.dir, `m-${secret.slice(-8)}`), gitRemote(secret), 'mine', heads.mine);
  await assert.rejects(fetchCommit(join(fleet.dir, 'm-exec'), gitRemote(exec), 'mine', heads.mine), {
    code: 'EFORBIDDEN',
  });
  await assert.rejects(pushCommit(apps.mine, gitRemote('fleet_nonsense'), 'mine', heads.mine), {
    code: 'EAUTH',
  });
});

test('a token for one repository cannot see or change another', async () => {
  const secret = await tokenFor(['read', 'deploy', 'exec'], 'mine');
  const client = await fleet.connect(secret);
  const ps = await client.ps();
  const seen = Object.values(ps['web1']?.processes ?? {}).map(({ repo }) => repo);
  assert.deepEqual([...new Set(seen)], ['mine']);
  const logs = await client.logList();
  assert.deepEqual([...new Set(logs['web1']?.map(({ repo }) => repo))], ['mine']);
  const only = { code: 'EFORBIDDEN', message: /is for the repository 'mine' only, not for 'theirs'/ };
  const theirs = { dir: apps.theirs };
  await assert.rejects(client.deploy(theirs), only);
  await assert.rejects(client.prune({ dryRun: true }), {
    code: 'EFORBIDDEN',
    message: /is for the repository 'mine' only, and this is about all/,
  });
  await assert.rejects(client.spawn({ ...theirs, command: ['true'] }), only);
  await assert.rejects(client.exec({ ...theirs, command: ['true'] }), only);
  await assert.rejects(pushCommit(apps.theirs, gitRemote(secret), 'theirs', heads.theirs), {
    code: 'EFORBIDDEN',
  });
  await assert.rejects(fetchCommit(join(fleet.dir, 'm-theirs'), gitRemote(secret), 'theirs', heads.theirs), {
    code: 'EFORBIDDEN',
  });
  const stopped = await client.stop([ids.theirs, `web1#${ids.theirs}`]);
  assert.deepEqual([stopped.drones, stopped.unknown], [{}, [ids.theirs, `web1#${ids.theirs}`]]);
  assert.equal((await owner.ps())['web1']?.processes[ids.theirs]?.status, 'running');
  client.close();
});

test('a monitor with a token for one repository gets nothing of another', async () => {
  const client = await fleet.connect(await tokenFor(['read'], 'mine'));
  const heard = new Set<string>();
  const end = new AbortController();
  const watching = (async () => {
    for await (const item of client.monitor({ signal: end.signal })) {
      heard.add(
        JSON.stringify(item).includes(ids.theirs) || /theirs/.test(JSON.stringify(item)) ? 'theirs' : 'mine',
      );
    }
  })();
  await eventually(() => heard.has('mine'), 'its own output comes');
  await owner.spawn({ dir: apps.theirs, command: ['true'] });
  const { drones } = await owner.spawn({ dir: apps.mine, command: ['true'] });
  await owner.stop([drones['web1']?.id ?? '']);
  end.abort();
  await watching;
  assert.deepEqual([...heard], ['mine']);
  client.close();
});

test('removing a token ends its connections at once, those of drones too', async () => {
  const client = await fleet.connect(await owner.tokenCreate({ name: 'gone', can: ['read', 'drone'] }));
  const lost: string[] = [];
  const watching = (async () => {
    for await (const _ of client.monitor()) lost.push('item');
  })();
  await eventually(() => lost.length > 0, 'the monitor runs');
  await owner.tokenRemove('gone');
  await assert.rejects(watching, { code: 'EAUTH' });
  await assert.rejects(client.ps(), { code: 'EAUTH' });
  client.close();
});

test('removing a token ends at once what its children do, and they see whose they are', async () => {
  const parent = await fleet.connect(await owner.tokenCreate({ name: 'parent', can: ['admin', 'read'] }));
  const secret = await parent.tokenCreate({ name: 'child', can: ['read'], child: true });
  const free = await fleet.connect(await parent.tokenCreate({ name: 'free', can: ['read'] }));
  const child = await fleet.connect(secret);
  const parents = Object.fromEntries((await owner.tokenList()).map(({ name, parent }) => [name, parent]));
  assert.deepEqual([parents['parent'], parents['child'], parents['free']], [null, 'parent', null]);
  const lost: string[] = [];
  const watching = (async () => {
    for await (const _ of child.monitor()) lost.push('item');
  })();
  await eventually(() => lost.length > 0, 'the monitor runs');
  await owner.tokenRemove('parent');
  await assert.rejects(watching, { code: 'EAUTH' });
  await assert.rejects(fleet.connect(secret), { code: 'EAUTH' });
  await free.ps();
  for (const client of [parent, child, free]) client.close();
});

test('a token that expires does the same, and its owner is told', async () => {
  const secret = await tokenFor(['read', 'deploy'], undefined, 2_000);
  const client = await fleet.connect(secret);
  await client.ps();
  const watching = (async () => {
    for await (const _ of client.monitor());
  })();
  const expired = { code: 'EAUTH', message: /the token 't\d+' has expired/ };
  await assert.rejects(watching, expired);
  await assert.rejects(fleet.connect(secret), expired);
  await assert.rejects(pushCommit(apps.mine, gitRemote(secret), 'mine', heads.mine), { code: 'EAUTH' });
  client.close();
});

test('the audit trail says who was refused what, and who pushed by hand', async () => {
  const secret = await owner.tokenCreate({ name: 'byhand', can: ['deploy'] });
  const client = await fleet.connect(secret);
  await assert.rejects(client.exec({ dir: apps.mine, command: ['true'], env: { PASSWORD: 'hunter2' } }));
  client.close();
  const url = `http://git:${secret}@${fleet.address}/mine.git`;
  await promisify(execFile)('git', ['push', '-q', url, 'HEAD:refs/heads/byhand'], { cwd: apps.mine });
  const trail = await eventually(async () => {
    const entries = await owner.audit(1000);
    return entries.some(({ call, who }) => call === 'push' && who === 'byhand') ? entries : undefined;
  }, 'the push is in the trail');
  const refused = trail.find(({ who, call }) => who === 'byhand' && call === 'exec.start');
  assert.match(refused?.result ?? '', /lacks the right 'exec'/);
  const push = trail.find(({ who, call }) => who === 'byhand' && call === 'push');
  assert.deepEqual([push?.['repo'], push?.['ref'], push?.result], ['mine', 'refs/heads/byhand', 'ok']);
  const text = JSON.stringify(trail);
  for (const secretText of [secret, 'hunter2', 'fleet_']) assert.ok(!text.includes(secretText));
});
