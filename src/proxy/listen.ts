import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FleetError, messageOf } from '../protocol/errors.ts';
import type { ListenAddress } from './options.ts';

/** Listens, and returns the port. Throws EINUSE if it is taken, EUSAGE if it may not be used. */
export function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(errorOf(cause, host, port));
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function errorOf(cause: NodeJS.ErrnoException, host: string | undefined, port: number): FleetError {
  if (cause.code === 'EADDRINUSE')
    return new FleetError('EINUSE', `port ${port} is taken by another program; choose one with --listen`, {
      cause,
    });
  if (cause.code === 'EACCES')
    return new FleetError('EUSAGE', `port ${port} needs root; choose one above 1023 with --listen`, {
      cause,
    });
  return new FleetError(
    'EUSAGE',
    `cannot listen on ${host ?? 'any address'} port ${port}: ${messageOf(cause)}`,
    { cause },
  );
}
