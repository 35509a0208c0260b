import { parse, TomlError } from 'smol-toml';
import { FleetError } from '../protocol/errors.ts';

/** Deeper than anything that fleet.toml has. */
const MAX_DEPTH = 50;

/** Returns what a TOML text says. Throws ECONFIG with the line of the first mistake. */
export function parseToml(text: string): Record<string, unknown> {
  try {
    return parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first = ''] = error.message.split('\n', 1);
    const reason = first.replace(/^Invalid TOML document: /, '');
    throw new FleetError('ECONFIG', `fleet.toml:${error.line}: not valid TOML: ${reason}`, { cause: error });
  }
}
