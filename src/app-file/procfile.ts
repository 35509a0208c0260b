import { FleetError } from '../protocol/errors.ts';
import { SERVICE_NAME, SERVICE_NAME_PATTERN } from './names.ts';
import { shorten } from './place.ts';

/** A line of a Procfile. */
export interface ProcfileEntry {
  name: string;
  command: string;
  line: number;
}

const MAX_ENTRIES = 500;

/** Returns the lines that are not empty or comments. Throws ECONFIG with the line of a mistake. */
export function parseProcfile(text: string): ProcfileEntry[] {
  const entries: ProcfileEntry[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const [, name = '', command = ''] = /^([^\s:]*)\s*:\s*(.*)$/.exec(content) ?? [];
    const fail = (reason: string) => new FleetError('ECONFIG', `Procfile:${line}: ${reason}`);
    if (!SERVICE_NAME_PATTERN.test(name)) throw fail(whatIsWrong(content));
    if (command === '' || command.includes('\0'))
      throw fail(`${name} has no command; write ${name}: COMMAND`);
    if (entries.length === MAX_ENTRIES) throw fail(`${MAX_ENTRIES} services are the most`);
    const same = entries.find((entry) => entry.name === name);
    if (same) throw fail(`${name} is already in line ${same.line}`);
    entries.push({ name, command, line });
  }
  return entries;
}

function whatIsWrong(content: string): string {
  const [name = ''] = content.split(/[:=\s]/, 1);
  if (!/^[^\s:]+\s*:/.test(content)) {
    const meant = /^[A-Za-z0-9_-]+(?:\s*=|\s)/.test(content)
      ? `; did you mean ${shorten(content.replace(/\s*=\s*|\s+/, ': '))}?`
      : '';
    return `not NAME: COMMAND${meant}`;
  }
  return `${shorten(name)} has no valid name: ${SERVICE_NAME}`;
}
