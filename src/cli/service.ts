import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { keptIn } from '../drone/credentials.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import { type Installation, note, type Output, type Surroundings, say } from './io.ts';
import { type Daemon, demandReadable, ownerOf, type ServiceUser } from './service-user.ts';
import { type Service, servicePaths, systemctlCalls, unitText } from './systemd.ts';
import type { Target } from './target.ts';

const OWN_OPTIONS = ['join', 'secret', 'secret-file', 'user', 'print', 'unit'];

/** What `bin/fleet.js` does before Node runs, with the Node that runs now. */
const TELLING_OPEN_FILES = ['/bin/sh', '-c', 'export FLEET_OPEN_FILES="$(ulimit -S -n)"; exec "$0" "$@"'];

/** Returns the service for what was typed, with the secret in a file. `typed` has absolute paths. */
export function serviceOf(
  name: Daemon,
  typed: string[],
  secretFile: string | undefined,
  args: Arguments,
  io: Surroundings & Installation,
): Service {
  const unit = unitName(name, args);
  const [node, script] = io.self;
  const secret = secretFile === undefined ? [] : [`--secret-file=${secretFile}`];
  const scope = args.has('user') ? 'user' : 'system';
  return {
    unit,
    daemon: name,
    user: scope === 'user' ? null : ownerOf(io.cwd, name),
    description: `fleet ${name} in ${io.cwd}`,
    dir: io.cwd,
    command: [...(name === 'drone' ? TELLING_OPEN_FILES : []), node, script, name, ...typed, ...secret],
    path: [dirname(node), ...(io.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)]
      .filter(unique)
      .join(delimiter),
    scope,
    ...(args.has('join') ? { invitation: args.text('join') } : {}),
  };
}

const unique = (one: string, index: number, all: string[]) => one !== '' && all.indexOf(one) === index;

/** Returns the options of `install` that the service is started with. */
export function serviceOptions(args: Arguments): string[] {
  return args.typed(OWN_OPTIONS);
}

function unitName(name: string, args: Arguments): string {
  const unit = args.text('unit') ?? `fleet-${name}`;
  if (isName(unit)) return unit;
  throw new FleetError('EUSAGE', `'${unit}' cannot name a unit: letters, digits, '.', '_' and '-' only`);
}

/** Returns the file of the service's secret: the one that was named, or the one that `install` writes; undefined if it has none. */
export function secretPath(
  name: Daemon,
  secret: string | undefined,
  args: Arguments,
  io: Surroundings,
): string | undefined {
  const given = args.text('secret-file');
  if (given !== undefined) return given;
  const scope = args.has('user') ? 'user' : 'system';
  return secret === undefined ? undefined : servicePaths(unitName(name, args), scope, io.env).secret;
}

/** Writes the unit and its secret, and has systemd start it, now and at every boot. Throws EIO. */
export async function install(
  service: Service,
  secret: string | undefined,
  args: Arguments,
  io: Output & Surroundings,
): Promise<void> {
  if (args.has('print')) return void io.stdout.write(unitText(service));
  requireSystemd();
  const paths = servicePaths(service.unit, service.scope, io.env);
  const { user } = service;
  if (user !== null)
    for (const file of filesOf(service.command)) if (file !== paths.secret) demandReadable(file, user);
  if (secret !== undefined && !args.has('secret-file')) write(paths.secret, `${secret}\n`, 0o600, user);
  if (service.invitation !== undefined) {
    write(keptIn(service.dir), `${service.invitation}\n`, 0o600, user);
    rmSync(paths.secret, { force: true });
  }
  write(paths.unit, unitText(service), 0o644);
  for (const call of systemctlCalls(service.unit, service.scope).install) await systemctl(call);
  say(io, `installed ${paths.unit}`);
  if (user !== null && user.uid !== 0) note(io, `it runs as ${user.name}, who owns ${service.dir}`);
  if (service.scope === 'user')
    note(io, 'to keep it running while you are logged out: loginctl enable-linger');
}

/** Installs a daemon that dials a hub; `more` are options that it is started with, too. Throws as `install` does. */
export async function installFor(
  name: Daemon,
  { hub, secret: secretOfTarget, ca, fingerprint }: Target,
  args: Arguments,
  io: Output & Surroundings & Installation,
  more: readonly string[] = [],
): Promise<void> {
  const reached = [`--hub=${hub}`, ca && `--ca=${ca}`, fingerprint && `--fingerprint=${fingerprint}`];
  const other = serviceOptions(args).filter((option) => !/^--(hub|ca|fingerprint|remote)=/.test(option));
  const typed = [...reached.filter((one) => one !== undefined && one !== ''), ...other] as string[];
  // One that joins with a key of its own needs none.
  const secret = args.has('join') ? undefined : secretOfTarget;
  const secretFile = secretPath(name, secret, args, io);
  const path = secretFile === undefined ? undefined : resolve(io.cwd, secretFile);
  await install(serviceOf(name, [...typed, ...more], path, args, io), secret, args, io);
}

/** Returns the files that a service is started with. */
function filesOf(command: readonly string[]): string[] {
  return command.flatMap((word) => /^--(?:secret-file|cert|key|ca)=(.+)$/.exec(word)?.[1] ?? []);
}

/** Stops the service and removes what `install` wrote, but not the daemon's own files. Throws EIO, ECONFIG. */
export async function uninstall(
  name: Command['name'],
  args: Arguments,
  io: Output & Surroundings,
): Promise<void> {
  const unit = unitName(name, args);
  const scope = args.has('user') ? 'user' : 'system';
  const paths = servicePaths(unit, scope, io.env);
  if (!existsSync(paths.unit))
    throw new FleetError('ECONFIG', `there is no ${paths.unit}; nothing to uninstall`);
  requireSystemd();
  for (const call of systemctlCalls(unit, scope).uninstall) await systemctl(call);
  rmSync(paths.unit);
  rmSync(paths.secret, { force: true });
  await systemctl([...(scope === 'user' ? ['--user'] : []), 'daemon-reload']);
  say(io, `removed ${paths.unit}`);
}

/** Throws EIO if systemd does not run. sd_booted(3) */
function requireSystemd(): void {
  if (existsSync('/run/systemd/system')) return;
  throw new FleetError('EIO', 'systemd does not run on this machine; --print shows the unit for another one');
}

function write(path: string, text: string, mode: number, owner: ServiceUser | null = null): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '', { mode });
    chmodSync(path, mode); // Before it has any content, also if it existed before.
    if (owner !== null) chownSync(path, owner.uid, -1);
    writeFileSync(path, text);
  } catch (cause) {
    const hint =
      (cause as NodeJS.ErrnoException).code === 'EACCES'
        ? '; use sudo, or --user for a service of your own'
        : '';
    throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}${hint}`, { cause });
  }
}

function systemctl(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemctl', args, (cause, _stdout, stderr) => {
      if (!cause) return resolve();
      const why = stderr.trim().split('\n', 1)[0] || messageOf(cause);
      reject(new FleetError('EIO', `systemctl ${args.join(' ')}: ${why}`, { cause }));
    });
  });
}
