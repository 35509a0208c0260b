import { extname } from 'node:path';
import { parseCommand } from '../../app-file/command.ts';

/** What pm2 runs a script with if nothing else is said, by its extension. */
const RUNNERS: Record<string, string> = {
  '.js': 'node',
  '.cjs': 'node',
  '.mjs': 'node',
  '.sh': 'bash',
  '.py': 'python3',
  '.rb': 'ruby',
  '.php': 'php',
  '.pl': 'perl',
};

/** Returns the command of one of pm2's apps: a line if its words need no quotes, else the words; undefined without one. */
export function pm2Command(app: Record<string, unknown>): string | string[] | undefined {
  const script = app['script'] ?? app['exec'];
  if (typeof script !== 'string' || script.trim() === '') return undefined;
  const args = wordsOf(app['args']);
  if (/\s/.test(script.trim())) return [script.trim(), ...args.map(quoted)].join(' ');
  const runner = app['interpreter'] ?? app['exec_interpreter'] ?? runnerOf(script);
  const started = runner === 'none' ? [] : [String(runner), ...optionsOf(app)];
  return lineOf([...started, script, ...args]);
}

/** A script without an extension is one of node's, such as bin/www, unless it is the name of a program, such as npm. */
function runnerOf(script: string): string {
  const known = RUNNERS[extname(script)];
  if (known !== undefined) return known;
  return extname(script) === '' && script.includes('/') && !script.startsWith('/') ? 'node' : 'none';
}

const optionsOf = (app: Record<string, unknown>) => wordsOf(app['interpreter_args'] ?? app['node_args']);

/** pm2 splits a text at blanks that are not in quotes. */
function wordsOf(args: unknown): string[] {
  if (Array.isArray(args)) return args.map(String);
  if (args === undefined || args === null) return [];
  const parts = String(args).match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return parts.map((part) => part.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

function lineOf(words: string[]): string | string[] {
  const line = words.join(' ');
  const command = parseCommand(line);
  const isSame = Array.isArray(command) && command.length === words.length;
  return isSame && command.every((word, index) => word === words[index]) ? line : words;
}

const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
