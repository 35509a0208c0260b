import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { claimPort, releasePort } from '../../../src/drone/instances/port-claims.ts';
import { Ports } from '../../../src/drone/instances/ports.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/** Four ports that neither other tests nor a drone of this machine are likely to use. */
function makePorts(t: TestContext) {
  const first = 5000 + 4 * randomInt(1000);
  const range = { first, last: first + 3 };
  const dir = temporaryFolder(t);
  const given: number[] = [];
  const problems: string[] = [];
  t.after(() => {
    for (let port = first; port <= range.last; port++) releasePort(port);
  });
  const start = () => new Ports({ dir, range, given: () => given, problem: (line) => problems.push(line) });
  return { first, dir, given, problems, start };
}

test('each port is given to one, one after the other, also by the next drone', (t) => {
  const { first, given, start } = makePorts(t);
  const ports = start();
  assert.equal(ports.give(), first);
  assert.equal(ports.give(), first + 1, 'the first is promised');
  ports.settle(first);
  ports.release(first);
  given.push(first + 1);
  assert.equal(start().give(), first + 2, 'one that was given back comes last');
  const next = start();
  assert.equal(next.give(), first + 3);
  assert.equal(next.give(), first);
  assert.throws(() => next.give(), {
    code: 'ELIMIT',
    message: `all ports from ${first} to ${first + 3} are taken; give the drone more with --ports`,
  });
});

test('a port on which somebody listens is not given', { skip: process.platform !== 'linux' }, async (t) => {
  const { first, start } = makePorts(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(first, '127.0.0.1', resolve));
  t.after(() => server.close());
  assert.equal(start().give(), first + 1);
});

test('a port that another drone of this machine has promised is not given', (t) => {
  const { first, start } = makePorts(t);
  assert.ok(claimPort(first));
  assert.equal(start().give(), first + 1);
});

test('which port was given last is not worth an error', (t) => {
  const { first, dir, problems, start } = makePorts(t);
  writeFileSync(join(dir, 'ports.json'), 'damaged');
  const ports = start();
  assert.equal(ports.give(), first);
  assert.deepEqual(problems, []);
});
