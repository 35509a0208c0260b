import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployReport } from '../../src/cli/deploy-report.ts';
import type { DeployProgress } from '../../src/client/types.ts';
import { Clock } from '../fixtures/clock.ts';
import { makeIo } from './world.ts';

const FETCHING: DeployProgress = {
  ...{ phase: 'drones', done: 1, total: 3 },
  fetching: { drone: 'web1', step: 'preparing', percent: null, elapsed: 1_000 },
};

test('on a terminal, the line counts the seconds of a drone that waits', (t) => {
  const clock = new Clock(t);
  const io = makeIo('/', {}, true);
  const report = new DeployReport(io);
  clock.pass(1_000);
  report.show(FETCHING);
  clock.pass(11_000);
  report.clear();
  clock.pass(60_000);
  const lines = io.err.split('\r\x1b[K');
  assert.equal(lines.at(-2), '1 of 3 drones have it; web1: the hub is preparing the commit (12 s)');
  assert.ok(lines.includes('1 of 3 drones have it; web1: the hub is preparing the commit (11 s)'));
});

test('a pipe gets a line now and then', (t) => {
  const clock = new Clock(t);
  const io = makeIo('/', {}, false);
  const report = new DeployReport(io);
  clock.pass(1_000);
  report.show(FETCHING);
  clock.pass(24_000);
  report.clear();
  assert.equal(
    io.err,
    'web1: the hub is preparing the commit (10 s)\nweb1: the hub is preparing the commit (20 s)\n',
  );
});

test('what the hub says about a push is a line of its own', () => {
  const io = makeIo('/', {}, false);
  const report = new DeployReport(io);
  report.show({ phase: 'push', done: 1, total: 1, said: 'held by h1 alone' });
  report.clear();
  assert.equal(io.err, 'held by h1 alone\n');
});
