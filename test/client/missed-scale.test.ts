import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { missedScale, type ScaleLook } from '../../src/client/missed-scale.ts';
import { FleetError } from '../../src/protocol/errors.ts';

// What is looked with does not keep a process alive; a connection does.
const alive = setInterval(() => {}, 60_000);
after(() => clearInterval(alive));

type Status = Awaited<ReturnType<ScaleLook['status']>>;

const status = (ok: boolean): Status => ({
  ...{
    app: 'webapp',
    release: 3,
    state: 'live',
    commit: 'c',
    subject: 's',
    time: null,
    by: 'secret',
    why: null,
  },
  ...{ ok, services: { web: { count: 2, file: 1, scaled: true, ready: ok ? 2 : 1, instances: [] } } },
});

function looking(
  looks: (Status | Error)[],
  isOver: () => boolean = () => looks.length === 0,
  times: { within?: number; tellWithinMs?: number } = {},
) {
  return missedScale({
    ...{ app: 'webapp', ...times },
    isOver,
    lookEveryMs: 0,
    status: async () => {
      const next = looks.shift();
      if (next instanceof Error) throw next;
      return next as Status;
    },
  });
}

test('that an app was scaled is known from two looks in a row, if nobody tells', async () => {
  const event = await looking([status(true), status(false), status(true), status(true)], () => false);
  assert.deepEqual(event?.type === 'release' && [event.state, event.services], [
    'scaled',
    { web: { ready: 2, count: 2 } },
  ]);
});

test('a hub that is away for a look is asked again, and what was told is the end', async () => {
  const away = new FleetError('ECLOSED', 'gone');
  assert.equal((await looking([away, status(true), status(true)], () => false))?.type, 'release');
  assert.equal(await looking([status(true), status(false)]), null);
  await assert.rejects(looking([new FleetError('ENORELEASE', 'there is no app')]), { code: 'ENORELEASE' });
});

test('one that cannot settle ends when it has had its time, which begins once nothing else is under way', async (t) => {
  let now = 0;
  t.mock.method(process, 'uptime', () => {
    now += 5_000;
    return now / 1000;
  });
  const busy = { ...status(false), why: 'v4 is under way (starting)' };
  const late = status(false);
  const instance = {
    ...{ slot: 2, drone: 'web1', id: '0b7c19', port: 2, release: 3, commit: 'c', cpu: null },
  };
  const more = { memory: null, uptime: null, restarts: null, lastExit: null };
  const instances = [
    { ...instance, ...more, slot: 1, state: 'ready', why: null },
    { ...instance, ...more, state: 'starting', why: 'GET /health answered 500' },
  ];
  Object.assign(late.services['web'] ?? {}, { instances });
  const looks = [busy, busy, busy, busy, late, late, late, late, late, late, late, late];
  const event = await looking(looks, undefined, { within: 10_000, tellWithinMs: 10_000 });
  assert.deepEqual(event?.type === 'release' && [event.state, event.why, event.services], [
    'scaled',
    'web.2 GET /health answered 500',
    { web: { ready: 1, count: 2 } },
  ]);
  assert.ok(looks.length > 0 && looks.length < 8, `${looks.length} looks were left`);
  const unsaid = [status(false), status(false), status(false)];
  const none = await looking([...unsaid, ...unsaid], undefined, { within: 0, tellWithinMs: 0 });
  assert.equal(none?.type === 'release' && none.why, 'it takes longer than it should');
  assert.equal(
    await looking([...unsaid, ...unsaid]),
    null,
    'a hub that does not say for how long is waited for',
  );
});
