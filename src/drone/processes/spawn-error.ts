import { existsSync } from 'node:fs';
import { FleetError, messageOf } from '../../protocol/errors.ts';

/** Returns ESPAWN, with the reason why a command could not be started, in one line. */
export function spawnError(error: unknown, command: readonly string[], cwd: string): FleetError {
  if (error instanceof FleetError) return error;
  const [file = ''] = command;
  const { code } = error as NodeJS.ErrnoException;
  // The system also reports ENOENT if the directory to start in is missing.
  if (code === 'ENOENT' && !existsSync(cwd)) {
    return new FleetError('ESPAWN', `spawn ${file}: there is no directory ${cwd}`, { cause: error });
  }
  const reasons: Record<string, string> = {
    ENOENT: 'not found',
    EACCES: 'not allowed to run it (is it executable?)',
    E2BIG: 'the arguments and the environment are too long',
    ENOEXEC: 'not a program (does the script begin with #! ?)',
    ENOTDIR: 'not found',
    EAGAIN: 'no more processes can be started',
    ENOMEM: 'out of memory',
  };
  return new FleetError('ESPAWN', `spawn ${file}: ${reasons[code ?? ''] ?? messageOf(error)}`, {
    cause: error,
  });
}
