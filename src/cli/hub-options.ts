import { resolve } from 'node:path';
import type { HubOptions } from '../hub/options.ts';
import { parsePort } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';
import type { Surroundings } from './io.ts';
import { parseServers } from './nats-servers.ts';
import { parseCount, parseSize } from './quantity.ts';
import { readSecret } from './secret.ts';

const DAY_MS = 86_400_000;

/** Returns the options of the hub. Throws EUSAGE if a port is not valid, ECONFIG if a file cannot be read. */
export function hubOptions(args: Arguments, { cwd, env }: Surroundings): HubOptions {
  const [word, ...more] = args.words;
  if (more.length > 0) throw new FleetError('EUSAGE', `fleet hub takes one port, and not '${more[0]}'`);
  const [port, gport] = [args.text('port') ?? word, args.text('gport')];
  const secret = args.text('secret') ?? readSecret(args.text('secret-file')) ?? env['FLEET_SECRET'];
  const [host, cert, key] = [args.text('host'), args.text('cert'), args.text('key')];
  return {
    dir: cwd,
    ...(port === undefined ? {} : { port: parsePort(port) }),
    ...(gport === undefined ? {} : { gport: parsePort(gport) }),
    ...(secret === undefined ? {} : { secret }),
    ...(host === undefined ? {} : { host }),
    ...(cert === undefined ? {} : { cert: resolve(cwd, cert) }),
    ...(key === undefined ? {} : { key: resolve(cwd, key) }),
    ...auditOptions(args),
    ...gitOptions(args),
    ...clusterOptions(args, cwd),
    ...(args.has('trust-proxy') ? { trustProxy: args.list('trust-proxy') } : {}),
    tls: args.has('tls'),
    insecure: args.has('insecure'),
  };
}

/** Returns what makes it one of several hubs. Throws EUSAGE. */
function clusterOptions(args: Arguments, cwd: string): HubOptions {
  const [servers, creds] = [args.text('cluster'), args.text('cluster-creds')];
  const [name, advertise] = [args.text('name'), args.text('advertise')];
  if (servers === undefined) {
    const given = ['cluster-creds', 'name', 'advertise'].find((one) => args.has(one));
    if (given === undefined) return {};
    throw new FleetError('EUSAGE', `--${given} is for one of several hubs; it needs --cluster=SERVERS`);
  }
  return {
    cluster: parseServers(servers),
    ...(creds === undefined ? {} : { clusterCreds: resolve(cwd, creds) }),
    ...(name === undefined ? {} : { name }),
    ...(advertise === undefined ? {} : { advertise }),
  };
}

/** Returns the limits of git. Throws EUSAGE. */
function gitOptions(args: Arguments): HubOptions {
  const size = (name: string) => {
    const text = args.text(name);
    return text === undefined ? undefined : parseSize(text, name);
  };
  const [maxPush, gitMemory, allGitMemory] = ['max-push', 'git-memory', 'all-git-memory'].map(size);
  return {
    ...(maxPush === undefined ? {} : { maxPush }),
    ...(gitMemory === undefined ? {} : { gitMemory }),
    ...(allGitMemory === undefined ? {} : { allGitMemory }),
  };
}

/** Returns the options of the audit trail. Throws EUSAGE. */
function auditOptions(args: Arguments): HubOptions {
  const [days, most, to] = [args.text('audit-days'), args.text('audit-max'), args.text('audit-to')];
  return {
    ...(to === undefined ? {} : { auditTo: to }),
    ...(days === undefined ? {} : { auditAgeMs: parseCount(days, 'audit-days') * DAY_MS }),
    ...(most === undefined ? {} : { auditBytes: parseSize(most, 'audit-max') }),
  };
}
