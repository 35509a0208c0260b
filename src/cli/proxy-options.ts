import { resolve } from 'node:path';
import { parsePort } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import type { AuthorityOptions } from '../proxy/acme/authority.ts';
import type { ListenAddress, ProxyOptions } from '../proxy/options.ts';
import type { Arguments } from './arguments.ts';
import { note, type Output, type Surroundings } from './io.ts';
import { parseSize, parseWait } from './quantity.ts';

/** https://letsencrypt.org/docs/acme-protocol-updates/ */
const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

/** Returns the options of the proxy. Throws EUSAGE. */
export function proxyOptions(
  args: Arguments,
  io: Surroundings & Output,
): Omit<ProxyOptions, 'follow' | 'access' | 'acme'> {
  const within = args.text('answer-within');
  const maxBody = args.text('max-body');
  return {
    dir: io.cwd,
    listen: parseListen(args.text('listen') ?? ':80', 'listen'),
    tls: tlsOptions(args, io),
    trusted: args.list('trust-proxy'),
    answerWithinMs: within === undefined ? undefined : parseAnswerWithin(within),
    maxBodyBytes: maxBody === undefined ? undefined : parseSize(maxBody, 'max-body'),
    log: (line) => note(io, line),
  };
}

function parseAnswerWithin(text: string): number {
  const ms = parseWait(text, 'answer-within');
  if (ms > 0) return ms;
  throw new FleetError('EUSAGE', `--answer-within=${text} leaves no time for an answer; write 60s`);
}

/** Throws EUSAGE if files are missing, or there is nothing to use them for. */
function tlsOptions(args: Arguments, { cwd }: Surroundings): ProxyOptions['tls'] {
  const [certs, keys] = [args.list('cert'), args.list('key')];
  const isOrdered = args.text('acme') !== undefined;
  const address = args.text('tls') ?? (isOrdered ? ':443' : undefined);
  if (certs.length !== keys.length)
    throw new FleetError('EUSAGE', 'each --cert takes the --key that belongs to it');
  if (address === undefined && certs.length === 0) return undefined;
  if (address === undefined) throw new FleetError('EUSAGE', 'a certificate is for --tls=:443; add that');
  if (certs.length === 0 && !isOrdered)
    throw new FleetError(
      'EUSAGE',
      '--tls needs a certificate: --cert=FILE --key=FILE, or --acme=EMAIL to order some',
    );
  const certificates = certs.map((cert, n) => ({
    cert: resolve(cwd, cert),
    key: resolve(cwd, keys[n] ?? ''),
  }));
  return { listen: parseListen(address, 'tls'), certificates };
}

/** Returns how certificates are ordered; null if none are. Throws EUSAGE. */
export function authorityOptions(args: Arguments, { cwd }: Surroundings): AuthorityOptions | null {
  const email = args.text('acme');
  const [given, ca] = [args.text('acme-directory'), args.text('acme-ca')];
  if (email === undefined) {
    if ((given ?? ca) !== undefined)
      throw new FleetError('EUSAGE', '--acme-directory and --acme-ca are for --acme=EMAIL; add that');
    return null;
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(email))
    throw new FleetError('EUSAGE', `--acme=${email} is not an email address; the authority writes to it`);
  const directory = given ?? LETS_ENCRYPT;
  if (!/^https:\/\/[^/\s]+\/\S*$/.test(directory))
    throw new FleetError('EUSAGE', `--acme-directory=${directory} is not a URL; write https://HOST/PATH`);
  return { email, directory, ca: ca === undefined ? undefined : resolve(cwd, ca) };
}

/** Parses `:80`, `80`, `127.0.0.1:80` or `[::1]:80`. Throws EUSAGE. */
export function parseListen(text: string, option: string): ListenAddress {
  const parts = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):)?(\d+)$/.exec(text);
  if (!parts)
    throw new FleetError('EUSAGE', `--${option}=${text} is not an address; write :80 or 127.0.0.1:80`);
  return { host: parts[1] ?? (parts[2] || undefined), port: parsePort(parts[3] ?? '') };
}
