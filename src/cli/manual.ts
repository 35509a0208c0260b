import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command.ts';
import { FLEET_TOML_PAGE } from './fleet-toml-page.ts';
import type { Installation, Output, OwnProcess } from './io.ts';
import { type Page, toText } from './man.ts';
import { FLEET_JSON_PAGE, fleetPage, pageOf } from './pages.ts';

/** Returns every page of the manual. */
export function allPages(commands: readonly Command[]): Page[] {
  return [fleetPage(commands), FLEET_JSON_PAGE, FLEET_TOML_PAGE, ...commands.map(pageOf)];
}

/** Returns the page of that name, or of the command of that name. */
export function findPage(name: string, commands: readonly Command[]): Page | undefined {
  return allPages(commands).find((page) => page.name === name || page.name === `fleet-${name}`);
}

/** Returns the file of a page, relative to the package's directory. */
export function pageFile({ name, section }: Page): string {
  return `man/${name}.${section}`;
}

/** Shows the page of a command, as {@link showPage} does. */
export function showCommand(command: Command, io: Output & Installation & OwnProcess): Promise<number> {
  return showPage(pageOf(command), io);
}

/** Opens a page in `man`. Without a terminal, or without `man`, it prints the text. Returns the exit status. */
export async function showPage(page: Page, io: Output & Installation & OwnProcess): Promise<number> {
  const file = join(io.root, pageFile(page));
  if (io.stdout.isTTY && existsSync(file)) {
    const status = await runMan(file, io);
    if (status !== undefined) return status;
  }
  io.stdout.write(toText(page));
  return 0;
}

/** Returns the exit status of `man`; undefined if it cannot be started. */
function runMan(file: string, io: OwnProcess): Promise<number | undefined> {
  io.onSignal('SIGINT', () => {}); // It is for the pager.
  return new Promise((resolve) => {
    const child = spawn('man', [file], { stdio: 'inherit' });
    child.once('error', () => resolve(undefined));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
