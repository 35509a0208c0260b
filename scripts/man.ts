import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaText } from '../src/app-file/json-schema.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { toRoff } from '../src/cli/man.ts';
import { allPages, pageFile } from '../src/cli/manual.ts';
import { writeTables } from './protocol-tables.ts';

// Writes man/ from the declarations of the commands, the schema of fleet.toml from its keys, and the tables of the
// protocol's README from its calls.
const root = join(__dirname, '..');
const pages = new Map(allPages(COMMANDS).map((page) => [pageFile(page), toRoff(page)]));
mkdirSync(join(root, 'man'), { recursive: true });
for (const file of readdirSync(join(root, 'man'))) {
  if (!pages.has(`man/${file}`)) rmSync(join(root, 'man', file));
}
for (const [file, text] of pages) writeFileSync(join(root, file), text);
mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(join(root, 'schema/fleet.toml.json'), schemaText());
writeTables(join(root, 'src/protocol/README.md'));
