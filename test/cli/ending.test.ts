import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { endProcesses, RESTART, reportEnds, STOP } from '../../src/cli/ending.ts';
import type { Client, StopReport } from '../../src/client/types.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { makeIo } from './world.ts';

const args = (words: string[], values: Record<string, string[]> = {}) =>
  new Arguments('', words, new Map(Object.entries(values)));

/** A client whose hub answers this, and that notes what it is asked to stop. */
function makeClient(report: StopReport, asked: unknown[]): Client {
  const stop = async (filter: unknown, options: unknown): Promise<StopReport> => {
    asked.push([filter, options]);
    return report;
  };
  return { stop, restart: stop } as Partial<Client> as Client;
}

test('the hub is asked once for everything that matches, and ids without a match are errors', async () => {
  const asked: unknown[] = [];
  const io = makeIo('/');
  const given = args(['web1#1e99f4', 'pid#d7048a'], { drone: ['web1'] });
  const report = {
    drones: { web1: { stopped: ['1e99f4'], killed: [], errors: {} } },
    unknown: ['d7048a'],
    absent: {},
    leftAlone: {},
  };
  const status = await endProcesses(STOP, makeClient(report, asked), given, io, { repo: undefined });
  const filter = { ids: ['web1#1e99f4', 'pid#d7048a'], repo: undefined, commit: undefined, drones: ['web1'] };
  assert.deepEqual(asked, [[filter, { grace: 5000 }]]);
  assert.equal(io.err, 'fleet: no process d7048a; fleet ps lists what runs\n');
  assert.equal(status, 1);
});

test('if nothing matches, nothing is stopped, and the user is told', async () => {
  const client = makeClient({ drones: {}, unknown: [], absent: {}, leftAlone: {} }, []);
  const stopping = endProcesses(STOP, client, args([], { repo: ['webapp'] }), makeIo('/'), {
    repo: undefined,
  });
  await assert.rejects(stopping, { code: 'ENOPROCESS', message: /nothing to stop/ });
});

test('the outcome for each process is printed by drone', () => {
  const error = new FleetError('ENODRONE', 'web2 is not connected');
  const drones = {
    web1: { stopped: ['1e99f4', 'd7048a'], killed: ['000001'], errors: {} },
    web2: { stopped: [], killed: [], errors: { '000002': error } },
  };
  const io = makeIo('/');
  assert.equal(reportEnds(STOP, { drones, unknown: ['000003'], absent: {}, leftAlone: {} }, 5000, io), 1);
  assert.equal(io.out, '[web1] killed 000001 (did not end within 5s)\n[web1] stopped 1e99f4 d7048a\n');
  assert.equal(
    io.err,
    '[web2#000002] web2 is not connected\nfleet: no process 000003; fleet ps lists what runs\n',
  );
  io.out = '';
  assert.equal(
    reportEnds(RESTART, { drones: { web1: drones.web1 }, unknown: [], absent: {}, leftAlone: {} }, 500, io),
    0,
  );
  assert.equal(
    io.out,
    '[web1] killed 000001 (did not end within 500ms)\n[web1] restarted 1e99f4 d7048a 000001\n',
  );
});

test('a drone that has not come back since the hub started is named, and the command does not succeed', () => {
  const io = makeIo('/');
  assert.equal(
    reportEnds(STOP, { drones: {}, unknown: [], absent: { web3: 12 }, leftAlone: {} }, 5000, io),
    1,
  );
  assert.equal(io.err, '[web3] not connected (lost 12s ago): its processes were not stopped\n');
});

test('what belongs to apps is said on standard error: named by id it is an error, else it is left alone', () => {
  const error = new FleetError('EINSTANCE', '4be001 is web.1 of webapp');
  const io = makeIo('/');
  const web1 = { stopped: [], killed: [], errors: { '4be001': error } };
  assert.equal(reportEnds(STOP, { drones: { web1 }, unknown: [], absent: {}, leftAlone: {} }, 5000, io), 1);
  assert.equal(io.err, 'fleet: 4be001 is web.1 of webapp\n');
  io.err = '';
  const leftAlone = { webapp: 4, 'webapp@pr-12': 1 };
  assert.equal(reportEnds(STOP, { drones: {}, unknown: [], absent: {}, leftAlone }, 5000, io), 0);
  assert.equal(
    io.err,
    'left alone: 4 of webapp; fleet down stops them\nleft alone: 1 of webapp@pr-12; fleet down --as=pr-12 stops them\n',
  );
});
