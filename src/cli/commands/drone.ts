import { DEFAULT_GRACE_MS } from '../../protocol/limits.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { endOnSignal } from '../drone-ending.ts';
import {
  parseCommitLimits,
  parseHostAddress,
  parseLabels,
  parseMinFree,
  parsePorts,
} from '../drone-words.ts';
import { note, type Output, type Surroundings, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, NO_COLOR, SERVICE_OPTIONS, SERVICE_VERBS } from '../options.ts';
import { parseSize } from '../quantity.ts';
import type { Target } from '../target.ts';

const CHECKOUT_HINT = 'did you mean fleet drones? to join: fleet drone --remote=default';

export const droneCommand: Command = {
  name: 'drone',
  summary: 'Connect to a hub as a worker.',
  synopsis: [
    '--hub=HOST:PORT [--join=INVITATION | --secret=SECRET] [--name=NAME] [--label=KEY=VALUE]... [--ports=FIRST-LAST] [--log-max=SIZE] [--min-free=SIZE|SHARE] [--stop-on-exit]',
    'install [--user] [--print] [OPTION]...',
    'uninstall [--user]',
  ],
  operands: 'none',
  verbs: SERVICE_VERBS,
  options: [
    ...CLIENT_OPTIONS.filter(({ name }) => name !== 'timeout'),
    {
      name: 'join',
      value: 'INVITATION',
      help: 'Joins with a key of its own, by an invitation that `fleet token invite` has printed. It works once; the drone needs neither it nor a secret later.',
    },
    {
      name: 'name',
      value: 'NAME',
      help: "The name of the drone. The default is the host's name. If another drone has it, `-1`, `-2` and so on is added.",
    },
    {
      name: 'log-max',
      value: 'SIZE',
      help: 'How much of the newest output of each process is kept. The default is `16M`. What is older is removed from the disk twenty times a second; until then, a process that writes hundreds of megabytes a second takes more.',
    },
    {
      name: 'min-free',
      value: 'SIZE|SHARE',
      help: 'A commit is refused if it would leave less of the disk free: `2G`, or `5%` of the disk. The default is `5%`, but at most 500 MB; `0` refuses nothing.',
    },
    {
      name: 'max-files',
      value: 'COUNT',
      help: 'A commit with more files and directories is refused. The default is `100000`.',
    },
    {
      name: 'max-checkout',
      value: 'SIZE',
      help: 'A commit whose files take more is refused. The default is `10G`.',
    },
    {
      name: 'label',
      value: 'KEY=VALUE',
      repeat: true,
      help: 'A label, by which `on` of a `fleet.toml` selects the drone. May be given more than once.',
    },
    {
      name: 'ports',
      value: 'FIRST-LAST',
      help: 'The ports that it gives to instances of services. The default is `20000-29999`.',
    },
    {
      name: 'address',
      value: 'ADDRESS',
      help: 'Where a `fleet proxy` on another machine reaches its instances. The default is the local address of its connection to the hub.',
    },
    {
      name: 'stop-on-exit',
      help: 'Stops the processes on SIGTERM and SIGHUP, instead of leaving them running.',
    },
    { name: 'quiet', short: 'q', help: 'Prints events, but not the output of processes.' },
    ...SERVICE_OPTIONS,
  ],
  description: [
    'Connects to a hub and works for it: checks out what is deployed, under `deploy/REPO.COMMIT/` of the directory that it starts in, and keeps processes running. Prints events, and the output of the processes as `[ID#REPO.COMMIT] line`; on a terminal, COMMIT has seven digits there. It reconnects for as long as it takes. A wrong secret ends it. Its hub is that of its options, of `--remote`, or of the environment, never by itself that of a `fleet.json`.',
    'With several hubs that are one (`--hub=h1:7000,h2:7000`), it prefers one of them: each is preferred by as many drones. When that is lost, the drone goes on to another within about a second. When it has been there again for two to five minutes, the drone goes back: it joins there first, and leaves the other then, but only while no `exec` runs on it.',
    'A drone that has joined by `--join` keeps its key in `drone.key` (0600) in its directory, and proves at each connection that it has it; so it is started without a secret from then on. It signs what the hub asks with the address that it has dialled and, with TLS, the key of the certificate that it was shown: nobody in between can use that at the hub. Without TLS at the hub itself, it has to dial the address at which it has joined. A new invitation moves it, or replaces a key that was revoked. A copy of its directory on the same machine loses the key; while two drones with the same key are up elsewhere, only one is let in.',
    'When the drone ends, by SIGTERM, SIGHUP (unless its output goes to a file, as with nohup(1)), a crash or `kill -9`, its processes keep running and writing their logs. The next drone that starts in the same directory adopts them, under the same name. If systemd says that the machine is shutting down, or the drone is the first process of a container, its processes get SIGTERM too, and SIGKILL after 5 seconds or the grace period of their service. After a reboot it starts all of them again. So to upgrade, install the new version and restart the drone.',
    'It does not let a deploy fill the disk, on which what runs has to write too: a commit whose files would leave less free than `--min-free` says is not checked out, and a fetch that gets there ends and leaves nothing behind. Commits that are there already can be spawned all the same.',
    'It keeps 4 MiB of the disk in reserve, under `reserve/`, and gives them up bit by bit if the disk is full, so that it can still record what is spawned and stopped, and logs go on for a while. It says so, and makes the reserve again when there is room.',
    'Processes have the soft limit on open files (`ulimit -S -n`) that the drone was started with, if the machine has `prlimit` of util-linux; otherwise the hard limit, to which Node raises its own.',
    "Other users must not be able to write to its directory, nor to one above it, unless only owners remove files there, as in `/tmp`: the drone refuses that, and says which `chmod` helps. A group may that nobody else is in. Root does not start one that has always been another user's, because that user could not read what root writes.",
    'Ctrl-C stops the processes and exits. A second Ctrl-C exits at once and leaves them running. `fleet stop --drone=NAME --all` stops them from elsewhere.',
    'In a container, use an init, such as that of `docker run --init`: as process 1, the drone would have to collect the orphans of its processes when they end, which Node cannot. It warns of that.',
    '`install` makes it a systemd service, which starts at every boot in the current directory, with the options that are given, as the user who owns that directory. What it runs may do whatever this user may: limits such as `MemoryMax=`, or rules such as `NoNewPrivileges=`, for the drone and all of its processes, go into `systemctl edit fleet-drone` (the limit of a service alone is `memory` in its fleet.toml); no `PrivateTmp=`, which would separate processes from those that a later start of the drone makes. The secret goes into a file that only its owner can read; an invitation goes into one in the directory of the drone, which removes it when it has joined. `uninstall` removes the service, and leaves the processes running.',
  ],
  examples: [
    ['A worker, which makes a key of its own:', 'fleet drone --hub=hub.example.com:7000 --join=fleet_...'],
    ['The same one later:', 'fleet drone --hub=hub.example.com:7000'],
    ['A worker, with the secret:', 'fleet drone --hub=hub.example.com:7000 --secret=beepboop'],
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
    ['1', 'The hub refused it, or its directory cannot be used. Standard error says why.'],
    ['2', 'The command line is wrong, or no hub was given.'],
    ['130', 'A second Ctrl-C left the processes running.'],
  ],
  environment: [...CLIENT_ENVIRONMENT, NO_COLOR],
  seeAlso: ['fleet-hub(1)', 'fleet-ps(1)', 'fleet-logs(1)', 'fleet-stop(1)', 'systemd.service(5)'],
  async run(args, io) {
    if (args.verb === 'uninstall') {
      const { uninstall } = await import('../service.ts');
      await uninstall('drone', args, io);
      return 0;
    }
    const { resolveDaemonTarget } = await import('../target.ts');
    const target = await resolveDaemonTarget(args, io, CHECKOUT_HINT);
    const options = droneOptions(args, target, io);
    if (args.verb === 'install') {
      const { installFor } = await import('../service.ts');
      await installFor('drone', target, args, io, args.has('quiet') ? [] : ['--quiet']);
      return 0;
    }
    const [
      { becomeDaemon, ENDING, giveBackAfterStart, stayLean, warnAsInit },
      { outputTo },
      { isGoingDown },
    ] = await Promise.all([
      import('../daemon.ts'),
      import('../drone-output.ts'),
      import('../../system/shutdown.ts'),
    ]);
    const { unblock } = await import('../unblocked.ts');
    unblock(io);
    becomeDaemon('drone', args, io);
    warnAsInit(io);
    await stayLean(io);
    const { createDrone } = await import('../../drone/create-drone.ts');
    const drone = await createDrone({
      ...options,
      ...(args.has('quiet') ? {} : { output: outputTo(io.stdout, io.env) }),
    });
    giveBackAfterStart(io);
    const leave = async () => ((await isGoingDown()) ? drone.suspend(DEFAULT_GRACE_MS) : drone.close());
    const end = args.has('stop-on-exit') ? () => drone.stopAll(DEFAULT_GRACE_MS) : leave;
    const signals = ENDING.filter((signal) => signal !== 'SIGINT');
    const ended = endOnSignal(drone, end, io, signals);
    await Promise.race([ended, drone.ended.then(() => ended)]);
    return 0;
  },
};

/** Returns the options of the drone. Throws EUSAGE if a size, a label, an address or a range of ports is not valid. */
function droneOptions(args: Arguments, { hub, secret, ca, fingerprint }: Target, io: Output & Surroundings) {
  const join = args.text('join');
  const [name, logMax, ports] = [args.text('name'), args.text('log-max'), args.text('ports')];
  const [address, minFree] = [args.text('address'), args.text('min-free')];
  return {
    dir: io.cwd,
    hub,
    secret,
    ca,
    fingerprint,
    ...(join === undefined ? {} : { join }),
    ...(name === undefined ? {} : { name }),
    ...(logMax === undefined ? {} : { logMax: parseSize(logMax, 'log-max') }),
    ...(minFree === undefined ? {} : { minFree: parseMinFree(minFree) }),
    maxCommit: parseCommitLimits(args.text('max-files'), args.text('max-checkout')),
    labels: parseLabels(args.list('label')),
    ...(address === undefined ? {} : { address: parseHostAddress(address) }),
    ...(ports === undefined ? {} : { ports: parsePorts(ports) }),
    log: (line: string) => say(io, line),
    problem: (line: string) => note(io, `fleet: ${line}`),
  };
}
