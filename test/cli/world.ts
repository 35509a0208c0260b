import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { COMMANDS, findCommand } from '../../src/cli/commands.ts';
import type { Io } from '../../src/cli/io.ts';
import { parseArguments } from '../../src/cli/parse.ts';

/** An Io that keeps what is printed. */
export interface FakeIo extends Io {
  out: string;
  err: string;
}

/** A new directory, which is removed after the test. */
export function makeDir(t: TestContext): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'fleet-cli-')));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A world for a command: a directory, an environment, and pipes to read from. */
export function makeIo(cwd: string, env: NodeJS.ProcessEnv = {}): FakeIo {
  const io = {
    out: '',
    err: '',
    stdin: { isTTY: true },
    stdout: {
      isTTY: false,
      write(text: string) {
        io.out += text;
        return true;
      },
    },
    stderr: {
      isTTY: false,
      write(text: string) {
        io.err += text;
        return true;
      },
    },
    printFixed(text: string) {
      io.out += text;
    },
    env: { HOME: join(cwd, 'home'), ...env },
    cwd,
    root: resolve(__dirname, '../..'),
    self: ['/usr/bin/node', '/usr/bin/fleet'],
    onSignal: () => {},
    dieOf: () => {},
    outliveReaders: () => {},
    setTitle: () => {},
    setV8Flags: async () => {},
  };
  return io as unknown as FakeIo;
}

/** Runs a command, and gives its exit status. */
export async function run(io: Io, name: string, ...argv: string[]): Promise<number> {
  const command = findCommand(name);
  if (!command) throw new Error(`no command ${name}`);
  const args = await parseArguments(argv, command);
  if (!args) throw new Error(`${name} ${argv.join(' ')} asks for help`);
  return command.run(args, io, COMMANDS);
}

/** Arguments as if they had been parsed. */
export function argumentsOf(values: Record<string, string>): Arguments {
  return new Arguments('', [], new Map(Object.entries(values).map(([name, value]) => [name, [value]])));
}
