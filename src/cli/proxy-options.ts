import { resolve } from 'node:path';
import { parsePort } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import type { ListenAddress, ProxyOptions } from '../proxy/options.ts';
import type { Arguments } from './arguments.ts';
import { note, type Output, type Surroundings } from './io.ts';
import { parseWait } from './quantity.ts';

/** Returns the options of the proxy. Throws EUSAGE. */
export function proxyOptions(
  args: Arguments,
  io: Surroundings & Output,
): Omit<ProxyOptions, 'follow' | 'access'> {
  const within = args.text('answer-within');
  return {
    dir: io.cwd,
    listen: parseListen(args.text('listen') ?? ':80', 'listen'),
    tls: tlsOptions(args, io),
    trusted: args.list('trust-proxy'),
    answerWithinMs: within === undefined ? undefined : parseWait(within, 'answer-within'),
    log: (line) => note(io, line),
  };
}

/** Throws EUSAGE if files are missing, or there is nothing to use them for. */
function tlsOptions(args: Arguments, { cwd }: Surroundings): ProxyOptions['tls'] {
  const [certs, keys] = [args.list('cert'), args.list('key')];
  const address = args.text('tls');
  if (certs.length !== keys.length)
    throw new FleetError('EUSAGE', 'each --cert takes the --key that belongs to it');
  if (address === undefined && certs.length === 0) return undefined;
  if (address === undefined) throw new FleetError('EUSAGE', 'a certificate is for --tls=:443; add that');
  if (certs.length === 0) throw new FleetError('EUSAGE', '--tls needs a certificate: --cert=FILE --key=FILE');
  const certificates = certs.map((cert, n) => ({
    cert: resolve(cwd, cert),
    key: resolve(cwd, keys[n] ?? ''),
  }));
  return { listen: parseListen(address, 'tls'), certificates };
}

/** Parses `:80`, `80`, `127.0.0.1:80` or `[::1]:80`. Throws EUSAGE. */
export function parseListen(text: string, option: string): ListenAddress {
  const parts = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):)?(\d+)$/.exec(text);
  if (!parts)
    throw new FleetError('EUSAGE', `--${option}=${text} is not an address; write :80 or 127.0.0.1:80`);
  return { host: parts[1] ?? (parts[2] || undefined), port: parsePort(parts[3] ?? '') };
}
