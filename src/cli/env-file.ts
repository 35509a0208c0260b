import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { FleetError, messageOf } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';

/** Returns the variables of `--env-file` and `--env`, which wins. Throws EIO. */
export function givenEnv(args: Arguments, cwd: string): Record<string, string> {
  return { ...readEnvFiles(args.list('env-file'), cwd), ...args.pairs('env') };
}

/** Returns the variables of files, as node's `--env-file` reads them; of several, a later one wins. Throws EIO. */
export function readEnvFiles(files: readonly string[], cwd: string): Record<string, string> {
  return Object.assign({}, ...files.map((file) => readVariables(resolve(cwd, file))));
}

function readVariables(path: string): Record<string, string> {
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (cause) {
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
