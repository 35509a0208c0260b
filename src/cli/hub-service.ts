import { resolve } from 'node:path';
import type { HubOptions } from '../hub/options.ts';
import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';

/** Makes a hub a service of the machine, or one no more. Returns the exit status. */
export async function hubService(args: Arguments, options: HubOptions, io: Io): Promise<number> {
  const { install, secretPath, serviceOf, serviceOptions, uninstall } = await import('./service.ts');
  if (args.verb === 'uninstall') await uninstall('hub', args, io);
  else {
    const port = args.has('port') || options.port === undefined ? [] : [`--port=${options.port}`];
    const files = [options.cert && `--cert=${options.cert}`, options.key && `--key=${options.key}`].filter(
      (one) => one !== undefined,
    );
    const typed = serviceOptions(args).filter((option) => !/^--(cert|key)=/.test(option));
    const secretFile = secretPath('hub', options.secret, args, io);
    const secret = secretFile === undefined ? undefined : resolve(io.cwd, secretFile);
    await install(
      serviceOf('hub', [...port, ...typed, ...files], secret, args, io),
      options.secret,
      args,
      io,
    );
  }
  return 0;
}
