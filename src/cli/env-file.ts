import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { ENV_NAME_PATTERN } from '../protocol/names.ts';
import type { Arguments } from './arguments.ts';

/** Returns the variables of `--env-file` and `--env`, which wins. Throws EIO, EUSAGE. */
export function givenEnv(args: Arguments, cwd: string): Record<string, string> {
  return { ...readEnvFiles(args.list('env-file'), cwd), ...args.pairs('env') };
}

/** Returns the variables of files, as node's `--env-file` reads them; of several, a later one wins. Throws EIO, EUSAGE. */
export function readEnvFiles(files: readonly string[], cwd: string): Record<string, string> {
  return Object.assign({}, ...files.map((file) => readVariables(resolve(cwd, file))));
}

function readVariables(path: string): Record<string, string> {
  const variables = parseEnv(textOf(path)) as Record<string, string>;
  const odd = Object.keys(variables).find((name) => !ENV_NAME_PATTERN.test(name));
  if (odd === undefined) return variables;
  throw new FleetError(
    'EUSAGE',
    `${path}: '${odd}' cannot name a variable: letters, digits and _ only, no digit first`,
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
