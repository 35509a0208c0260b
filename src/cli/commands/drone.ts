import { resolve } from 'node:path';
import type { Drone } from '../../protocol/daemon-options.ts';
import { DEFAULT_GRACE_MS } from '../../protocol/limits.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type Io, note, type Output, type OwnProcess, type Surroundings, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, SERVICE_OPTIONS, SERVICE_VERBS } from '../options.ts';
import { parseSize } from '../quantity.ts';
import type { Target } from '../target.ts';

export const droneCommand: Command = {
  name: 'drone',
  summary: 'Connect to a hub as a worker.',
  synopsis: [
    '--hub=HOST:PORT [--secret=SECRET] [--name=NAME] [--log-max=SIZE] [--stop-on-exit]',
    'install [--user] [--print] [OPTION]...',
    'uninstall [--user]',
  ],
  operands: 'none',
  verbs: SERVICE_VERBS,
  options: [
    ...CLIENT_OPTIONS.filter(({ name }) => name !== 'timeout'),
    {
      name: 'name',
      value: 'NAME',
      help: "What the drone is called: the host's name by default. Where another drone has it, it gets `-1`, `-2`, and so on.",
    },
    {
      name: 'log-max',
      value: 'SIZE',
      help: 'How much of the output of each process is kept: 16M by default; the newest stays.',
    },
    {
      name: 'stop-on-exit',
      help: 'SIGTERM and SIGHUP stop the processes too, instead of leaving them running.',
    },
    { name: 'quiet', short: 'q', help: 'Prints what happens, but not the output of processes.' },
    ...SERVICE_OPTIONS,
  ],
  description: [
    'Connects to a hub and works for it: checks out what is deployed under `deploy/REPO.COMMIT/` of the directory that it starts in, and keeps processes running. Prints what happens, and what the processes print as `[ID#REPO.COMMIT] line`. It dials again for as long as it takes; a wrong secret ends it.',
    'The drone is a caretaker. When it ends, by SIGTERM, SIGHUP, a crash or `kill -9`, its processes go on, and so does their output into their logs; the drone that starts next in the same directory takes them up again, under the same name. After a reboot it starts all of them anew. So an upgrade is: install, and restart the drone.',
    'Ctrl-C is for a person: it stops the processes and exits. A second Ctrl-C exits at once and leaves them running. `fleet stop --drone=NAME --all` ends them from afar.',
    '`install` makes it a service of systemd, which starts it at every boot in the current directory with the options that are given; the secret goes into a file that only its owner can read. `uninstall` undoes that, and leaves the processes running.',
  ],
  examples: [
    ['A worker:', 'fleet drone --hub=hub.example.com:7000 --secret=beepboop'],
    [
      'With TLS, and a name:',
      'fleet drone --hub=https://hub.example.com:7000 --fingerprint=sha256:... --secret-file=secret --name=web1',
    ],
    [
      'As a service, in this directory:',
      'sudo fleet drone install --hub=hub.example.com:7000 --secret=beepboop',
    ],
  ],
  exitStatus: [
    ['0', 'It was asked to end.'],
    ['1', 'The hub refuses it, or its directory cannot be used; standard error says why.'],
    ['2', 'The command line is wrong, or names no hub.'],
    ['130', 'A second Ctrl-C: the processes were left running.'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-hub(1)', 'fleet-ps(1)', 'fleet-logs(1)', 'fleet-stop(1)', 'systemd.service(5)'],
  async run(args, io) {
    if (args.verb === 'uninstall') {
      const { uninstall } = await import('../service.ts');
      await uninstall('drone', args, io);
      return 0;
    }
    const { resolveTarget } = await import('../target.ts');
    const target = resolveTarget(args, io);
    const options = droneOptions(args, target, io);
    if (args.verb === 'install') return service(args, target, io);
    const [{ becomeDaemon, stayLean }, { outputTo }] = await Promise.all([
      import('../daemon.ts'),
      import('../drone-output.ts'),
    ]);
    becomeDaemon('drone', args, io);
    await stayLean(io);
    const { createDrone } = await import('../../drone/create-drone.ts');
    const drone = await createDrone({
      ...options,
      ...(args.has('quiet') ? {} : { output: outputTo(io.stdout, io.env) }),
    });
    const told = untilTold(drone, args.has('stop-on-exit'), io);
    await Promise.race([told, drone.ended.then(() => told)]);
    return 0;
  },
};

/** EUSAGE for a size that is none. */
function droneOptions(args: Arguments, { hub, secret, ca, fingerprint }: Target, io: Output & Surroundings) {
  const [name, logMax] = [args.text('name'), args.text('log-max')];
  return {
    dir: io.cwd,
    hub,
    secret,
    ca,
    fingerprint,
    ...(name === undefined ? {} : { name }),
    ...(logMax === undefined ? {} : { logMax: parseSize(logMax, 'log-max') }),
    log: (line: string) => say(io, line),
    problem: (line: string) => note(io, `fleet: ${line}`),
  };
}

/** Resolves when the drone has ended as a signal told it to. */
function untilTold(drone: Drone, stopOnExit: boolean, io: Output & OwnProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let interrupted = false;
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      io.onSignal(signal, () =>
        (stopOnExit ? drone.stopAll(DEFAULT_GRACE_MS) : drone.close()).then(resolve, reject),
      );
    }
    io.onSignal('SIGINT', () => {
      if (interrupted) return io.dieOf('SIGINT');
      interrupted = true;
      const { running } = drone;
      if (running > 0) note(io, interruptText(running));
      drone.stopAll(DEFAULT_GRACE_MS).then(resolve, reject);
    });
  });
}

/** What Ctrl-C is answered with. */
export function interruptText(running: number): string {
  const [what, them] = running === 1 ? ['1 process', 'it'] : [`${running} processes`, 'them'];
  return `stopping ${what}; press Ctrl-C again to leave ${them} running`;
}

async function service(args: Arguments, target: Target, io: Io): Promise<number> {
  const { install, secretPath, serviceOf, serviceOptions } = await import('../service.ts');
  const { hub, secret, ca, fingerprint } = target;
  const reached = [`--hub=${hub}`, ca && `--ca=${ca}`, fingerprint && `--fingerprint=${fingerprint}`];
  const other = serviceOptions(args).filter((option) => !/^--(hub|ca|fingerprint|remote)=/.test(option));
  const typed = [...reached.filter((one) => one !== undefined && one !== ''), ...other] as string[];
  const quiet = args.has('quiet') ? [] : ['--quiet'];
  const secretFile = secretPath('drone', secret, args, io);
  const path = secretFile === undefined ? undefined : resolve(io.cwd, secretFile);
  await install(serviceOf('drone', [...typed, ...quiet], path, args, io), secret, args, io);
  return 0;
}
