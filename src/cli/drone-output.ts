import type { OutputStream } from './io.ts';
import { colourOf, screenOf } from './screen.ts';

const PREFIX = /^\[([0-9a-f]{6}#([\w.-]+)\.[0-9a-f]{7})[0-9a-f]{33}\]/gm;

/**
 * Returns a function that writes the output of a drone's processes: whole lines that begin with `[ID#REPO.COMMIT] `. It
 * returns true if there is room for more; given an empty text, it does only that. On a terminal, the prefix has seven
 * digits of the hash, because all forty would leave little of the line.
 */
export function outputTo(stdout: OutputStream, env: NodeJS.ProcessEnv): (lines: string) => boolean {
  const { paint, safe } = screenOf(stdout, env);
  const shown = stdout.isTTY
    ? (lines: string) =>
        safe(lines).replace(PREFIX, (_, name: string, repo: string) => paint(colourOf(repo), `[${name}]`))
    : safe;
  return (lines) => (lines === '' ? !stdout.writableNeedDrain : stdout.write(shown(lines)));
}
