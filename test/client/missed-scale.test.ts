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

function looking(looks: (Status | Error)[], isOver: () => boolean = () => looks.length === 0) {
  return missedScale({
    app: 'webapp',
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
