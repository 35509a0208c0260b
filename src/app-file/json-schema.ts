import { ROOT } from './keys.ts';

/** Returns the JSON schema of fleet.toml, for editors. */
export function schemaText(): string {
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', title: 'fleet.toml' };
  return `${JSON.stringify({ ...head, ...ROOT.schema }, null, 2)}\n`;
}
