import { FleetError } from '../protocol/errors.ts';

/** Where NATS listens unless it is told otherwise. */
const DEFAULT_PORT = 4222;

/**
 * Returns the addresses of NATS servers: `nats://10.0.0.1:4222,10.0.0.2` names two, the second on the usual port. Throws
 * EUSAGE.
 */
export function parseServers(text: string): string[] {
  let scheme = 'nats';
  return text.split(',').map((word) => {
    const [, before, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(word.trim()) ?? [];
    scheme = before ?? scheme;
    const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : null;
    const isServer =
      url && url.hostname !== '' && url.pathname === '/' && url.search === '' && url.hash === '';
    if (!isServer || !['nats', 'tls'].includes(scheme))
      throw new FleetError(
        'EUSAGE',
        `--cluster=${text} is not a list of NATS servers; write it as nats://10.0.0.1:4222,10.0.0.2:4222`,
      );
    if (url.username !== '')
      throw new FleetError(
        'EUSAGE',
        'others can read what is typed: give credentials as a file, with --cluster-creds',
      );
    const port = /:\d+$/.test(rest) ? Number(rest.slice(rest.lastIndexOf(':') + 1)) : DEFAULT_PORT;
    return `${scheme}://${url.hostname}:${port}`;
  });
}
