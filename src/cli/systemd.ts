import { homedir } from 'node:os';
import { join } from 'node:path';

/** For the whole machine, or for one user. */
export type Scope = 'system' | 'user';

/** A daemon that systemd is to run. */
export interface Service {
  /** `fleet-hub` for `fleet-hub.service`. */
  unit: string;
  description: string;
  /** Where it runs and keeps its files. */
  dir: string;
  command: string[];
  /** The PATH of the daemon, and so of what it runs. */
  path: string;
  scope: Scope;
}

/**
 * The unit of a service, as systemd.service(5) and systemd.kill(5) have it. Processes of a drone are in the unit's
 * control group and must outlive the daemon: only the daemon itself is killed, and one of them that runs out of
 * memory does not end the others.
 */
export function unitText({ description, dir, command, path, scope }: Service): string {
  return `[Unit]
Description=${specifiers(description)}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
WorkingDirectory=${specifiers(dir)}
ExecStart=${command.map(word).join(' ')}
Environment=${quoted(specifiers(`PATH=${path}`))}
Restart=always
RestartSec=2
KillMode=process
OOMPolicy=continue
TasksMax=infinity

[Install]
WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}

/** `%` begins a specifier everywhere in a unit. */
const specifiers = (text: string) => text.replaceAll('%', '%%');

/** A word of ExecStart, in which `$` would begin a variable. */
function word(text: string): string {
  const safe = specifiers(text).replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(safe) ? safe : quoted(safe);
}

const quoted = (text: string) =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** Where the unit and its secret are kept. */
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

/** What systemctl is asked to do after the unit was written, and before it is removed. */
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
