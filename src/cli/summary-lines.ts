import { aligned } from '../system/columns.ts';
import type { Command } from './command.ts';

/** Returns a line for each command; the second column is two spaces behind the longest name. */
export function summaryLines(commands: readonly Pick<Command, 'name' | 'summary'>[]): string[] {
  return aligned(commands.map(({ name, summary }) => [name, summary])).map((line) => `  ${line}`);
}
