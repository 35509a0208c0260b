import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable, type WritableOptions } from 'node:stream';
import type { TestContext } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { COMMANDS, findCommand } from '../../src/cli/commands.ts';
import type { Io, OutputStream } from '../../src/cli/io.ts';
import { parseArguments } from '../../src/cli/parse.ts';
import { fakeIo } from '../fixtures/io.ts';

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

/** A world for a command: a directory, an environment, and pipes, or a terminal, to write to. */
export function makeIo(cwd: string, env: NodeJS.ProcessEnv = {}, isTTY = false): FakeIo {
  const kept = (keep: (text: string) => void): OutputStream => {
    const write: WritableOptions['write'] = (chunk, _encoding, done) => {
      keep(String(chunk));
      done();
    };
    return Object.assign(new Writable({ write }), { isTTY });
  };
  const io: FakeIo = {
    ...fakeIo({
      cwd,
      env: { HOME: join(cwd, 'home'), ...env },
      stdout: kept((text) => {
        io.out += text;
      }),
      stderr: kept((text) => {
        io.err += text;
      }),
    }),
    out: '',
    err: '',
  };
  return io;
}

/** Runs a command, and returns its exit status. */
export async function run(io: Io, name: string, ...argv: string[]): Promise<number> {
  const command = findCommand(name);
  if (!command) throw new Error(`no command ${name}`);
  const args = await parseArguments(argv, command);
  if (!args) throw new Error(`${name} ${argv.join(' ')} asks for help`);
  return command.run(args, io, async () => COMMANDS);
}

/** Arguments as if they had been parsed. */
export function argumentsOf(values: Record<string, string>): Arguments {
  return new Arguments('', [], new Map(Object.entries(values).map(([name, value]) => [name, [value]])));
}
