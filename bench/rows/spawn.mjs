import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NODE_FLOOR, run, timeOf } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine } from '../line.mjs';
import { Pm2 } from '../peers/pm2.mjs';
import { deployedApp } from '../repository.mjs';

/** From the start of the command until it has returned and the process that it started reports that it runs. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 4 });
  const app = await deployedApp(stage, fleet);
  const signs = await Signs.open(stage);
  const command = ['/bin/sh', '-c', signs.script];
  const pm2 = await Pm2.start(stage);

  const samples = await interleave(stage.rounds.short, {
    node: () =>
      timeOf(async () => {
        await run(NODE_FLOOR);
        const bare = spawn(command[0], command.slice(1), { stdio: 'ignore', detached: true });
        stage.later(() => bare.kill('SIGKILL'));
        await signs.next();
      }),
    fleet: () =>
      timeOf(() =>
        Promise.all([run([...FLEET, 'spawn', '--', ...command], fleet.client(app.dir)), signs.next()]),
      ),
    ...(pm2 && {
      pm2: (round) =>
        timeOf(() => Promise.all([pm2.startScript(`one${round}`, signs.script, 1), signs.next()])),
    }),
  });
  const same = { floor: '`node -e 0` and a plain spawn', unit: 'ms', floors: samples.node };
  return [
    line({ ...same, what: '`fleet spawn` until it runs', goal: 1.5, ours: samples.fleet }),
    ...(pm2 ? [peerLine({ ...same, what: '`pm2 start` until it runs', ours: samples.pm2 })] : []),
  ];
}

/** Where a started process reports that it runs: a named pipe, which a shell can write to without another program. */
class Signs {
  #waiting = [];

  static async open(stage) {
    const signs = new Signs();
    signs.path = join(stage.dir, 'signs');
    await run(['mkfifo', signs.path]);
    const reader = spawn('sh', ['-c', 'exec cat <>"$1"', 'sh', signs.path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    stage.later(() => reader.kill());
    reader.stdout.on('data', (text) => {
      for (const _ of String(text).matchAll(/\n/g)) signs.#waiting.shift()?.();
    });
    await once(reader, 'spawn');
    return signs;
  }

  get script() {
    return `echo >'${this.path}'; exec sleep 1000`;
  }

  next() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
