import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Daemon, ServiceUser } from './service-user.ts';

/** For the whole system, or for one user. */
export type Scope = 'system' | 'user';

/** A daemon for systemd to run. */
export interface Service {
  /** `fleet-hub` for `fleet-hub.service`. */
  unit: string;
  description: string;
  /** Its working directory, where it keeps its files. */
  dir: string;
  command: string[];
  /** The PATH of the daemon and of what it runs. */
  path: string;
  scope: Scope;
  daemon: Daemon;
  /** Whom it runs as: null for the user whose service it is. */
  user: ServiceUser | null;
  /** With which a drone joins at its first start. */
  invitation?: string | undefined;
}

/** The folders that a service with PrivateTmp has for itself. systemd.exec(5) */
const TEMPORARY = /(^|=)(\/var)?\/tmp\//;

/**
 * Returns the unit of a service; see systemd.service(5) and systemd.kill(5). A drone's processes are in the unit's control
 * group and must outlive the daemon, so only the daemon itself is killed, and a process that runs out of memory does not
 * end the others.
 */
export function unitText(service: Service): string {
  const { description, dir, command, path, scope } = service;
  return `[Unit]
Description=${specifiers(description)}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
WorkingDirectory=${specifiers(dir)}
ExecStart=${command.map(word).join(' ')}
${reloadOf(command)}Environment=${quoted(specifiers(`PATH=${path}`))}
Restart=always
RestartSec=2
KillMode=process
OOMPolicy=continue
TasksMax=infinity
${userOf(service)}${protectionOf(service)}
[Install]
WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}

/** With User=, systemd sets HOME too, also for root. */
function userOf({ user }: Service): string {
  return user === null ? '' : `User=${user.name}\n`;
}

/** So much of the machine's memory stays for others. */
const MEMORY_MAX = { hub: '75%', proxy: '50%' };

/**
 * Confines a hub or a proxy, which need their directory and the network. What a drone starts would be confined with it,
 * and may need anything; a limit for the memory of all that it runs would end the process that is in its way.
 */
function protectionOf(service: Service): string {
  const { daemon, scope } = service;
  if (daemon === 'drone') return '';
  // Of a hub, the gits are ended first: see git/limits.ts.
  const always = ['NoNewPrivileges=true', `MemoryMax=${MEMORY_MAX[daemon]}`];
  // In a user's own services, the others take rights that they do not have.
  return [...always, ...(scope === 'system' ? sandboxOf(service) : []), ''].join('\n');
}

function sandboxOf({ dir, command, user }: Service): string[] {
  const usesTemporary = [`${dir}/`, ...command].some((word) => TEMPORARY.test(word));
  const bind = 'CAP_NET_BIND_SERVICE';
  return [
    ...(user !== null && user.uid !== 0
      ? [`AmbientCapabilities=${bind}`, `CapabilityBoundingSet=${bind}`]
      : []),
    'ProtectSystem=full',
    `ReadWritePaths=${quoted(specifiers(dir))}`,
    ...(usesTemporary ? [] : ['PrivateTmp=true']),
    'PrivateDevices=true',
    'ProtectClock=true',
    'ProtectControlGroups=true',
    'ProtectHostname=true',
    'ProtectKernelLogs=true',
    'ProtectKernelModules=true',
    'ProtectKernelTunables=true',
    'LockPersonality=true',
    // The last one lists network interfaces.
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictNamespaces=true',
    'RestrictRealtime=true',
    'RestrictSUIDSGID=true',
    'SystemCallArchitectures=native',
  ];
}

/** A daemon with a certificate that somebody else renews reads it again. */
function reloadOf(command: readonly string[]): string {
  return command.some((one) => one.startsWith('--cert=')) ? 'ExecReload=/bin/kill -HUP $MAINPID\n' : '';
}

/** Escapes `%`, which begins a specifier anywhere in a unit. */
const specifiers = (text: string) => text.replaceAll('%', '%%');

/** Quotes a word of ExecStart, in which `$` begins a variable. */
function word(text: string): string {
  const safe = specifiers(text).replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(safe) ? safe : quoted(safe);
}

const quoted = (text: string) =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** Returns the files of the unit and its secret. */
export function servicePaths(
  unit: string,
  scope: Scope,
  env: NodeJS.ProcessEnv,
): { unit: string; secret: string } {
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  const [units, secrets] =
    scope === 'system'
      ? ['/etc/systemd/system', '/etc/fleet']
      : [join(config, 'systemd/user'), join(config, 'fleet')];
  return { unit: join(units, `${unit}.service`), secret: join(secrets, `${unit}.secret`) };
}

/** Returns the calls of systemctl after the unit was written, and before it is removed. */
export function systemctlCalls(unit: string, scope: Scope): { install: string[][]; uninstall: string[][] } {
  const whose = scope === 'user' ? ['--user'] : [];
  return {
    install: [
      [...whose, 'daemon-reload'],
      [...whose, 'enable', '--quiet', `${unit}.service`],
      [...whose, 'restart', `${unit}.service`],
    ],
    uninstall: [[...whose, 'disable', '--quiet', '--now', `${unit}.service`]],
  };
}
