import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, type Page, pageOf } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { Io } from './io.ts';
import { toText } from './man.ts';
import { FLEET_JSON_PAGE, fleetPage } from './pages.ts';

/** Every page of the manual. */
export function allPages(): Page[] {
  return [fleetPage(COMMANDS), FLEET_JSON_PAGE, ...COMMANDS.map(pageOf)];
}

/** A command's page, or the one of that name. */
export function findPage(what: Command | string): Page | undefined {
  if (typeof what !== 'string') return pageOf(what);
  return allPages().find(({ name }) => name === what || name === `fleet-${what}`);
}

/** The file of a page, below the package's directory. */
export function pageFile({ name, section }: Page): string {
  return `man/${name}.${section}`;
}

/** Opens a page in man where a person looks at a terminal; else, or where there is no man, prints its text. */
export async function showPage(page: Page, io: Io): Promise<number> {
  const file = join(io.root, pageFile(page));
  if (io.stdout.isTTY && existsSync(file)) {
    const status = await runMan(file, io);
    if (status !== undefined) return status;
  }
  io.stdout.write(toText(page));
  return 0;
}

/** Undefined where man cannot be started. */
function runMan(file: string, io: Io): Promise<number | undefined> {
  io.onSignal('SIGINT', () => {}); // It is for the pager, which has the terminal now.
  return new Promise((resolve) => {
    const child = spawn('man', [file], { stdio: 'inherit' });
    child.once('error', () => resolve(undefined));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
