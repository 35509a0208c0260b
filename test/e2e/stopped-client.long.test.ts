import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEAD_AFTER_MS } from '../../src/protocol/limits.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { type RealFleet, withFleet } from '../fixtures/real-fleet.ts';
import { noTerminal, Terminal } from '../fixtures/terminal.ts';

const CTRL_S = '\x13';
const CTRL_Q = '\x11';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a command on a terminal that stands still as soon as something is printed there. */
async function standing(fleet: RealFleet, app: string, ...args: string[]): Promise<Terminal> {
  const terminal = new Terminal(fleet, args, app);
  await terminal.printed(/0123456789/);
  terminal.forget();
  terminal.type(CTRL_S);
  return terminal;
}

test(
  'clients that stand still hold up no drone, no hub and no other client, and go on after Ctrl-Q',
  { skip: noTerminal },
  withFleet(['hub', 'web1'], async (fleet) => {
    await fleet.hub();
    await fleet.drone('web1');
    const app = await fleet.app('webapp', {
      'noisy.sh': 'exec yes 0123456789',
      'exec.sh': 'echo $$ >../../$1.pid; exec yes 0123456789',
    });
    const cli = (...args: string[]) => fleet.run(args, { cwd: app });
    const pidOf = (name: string) => Number(readFileSync(join(fleet.dir, 'web1', `${name}.pid`), 'utf8'));
    await cli('deploy');
    const id = await fleet.spawn(app, 'web1', 'sh', 'noisy.sh');
    const monitor = await standing(fleet, app, 'monitor');
    const logs = await standing(fleet, app, 'logs', '-f', id);
    const exec = await standing(fleet, app, 'exec', '--', 'sh', 'exec.sh', 'standing');
    const stopped = fleet.start(['exec', '--', 'sh', 'exec.sh', 'stopped'], { cwd: app });
    await stopped.printed(/0123456789/);
    stopped.forget();
    stopped.kill('SIGSTOP');
    let answers = 0;
    // The hub gives up the client that answers nothing; meanwhile, everybody else is served.
    await eventually(
      async () => {
        const { code, stdout, stderr } = await cli('exec', '--', 'echo', 'hello');
        assert.match(stdout, /] hello\n/, stderr);
        assert.equal(code, 0);
        answers++;
        assert.doesNotMatch((await cli('ps')).stdout, /lost/);
        return !isAlive(pidOf('stopped'));
      },
      'the stopped client is gone',
      3 * DEAD_AFTER_MS,
    );
    assert.ok(answers > 1);
    const live = fleet.start(['monitor'], { cwd: app });
    await live.printed(/] 0123456789\n/);
    live.forget();
    assert.ok(isAlive(pidOf('standing')), 'an exec outlives a terminal that stands still');
    for (const terminal of [monitor, logs, exec]) {
      assert.equal(terminal.child.exitCode, null);
      const before = terminal.received;
      terminal.type(CTRL_Q);
      await eventually(() => terminal.received > before + 100_000, 'it goes on');
    }
  }),
);
