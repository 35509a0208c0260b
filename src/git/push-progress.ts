import { FleetError } from '../protocol/errors.ts';

/** How much of a pack has been sent. */
export interface PushProgress {
  /** Objects. */
  done: number;
  total: number;
  /** Git names them only for packs that take a moment. */
  bytes: number | null;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'];

/** Returns the newest progress in a chunk of what `git push --progress` prints on standard error; null if it has none. */
export function progressIn(chunk: string): PushProgress | null {
  const pattern = /Writing objects: +\d+% \((\d+)\/(\d+)\)(?:, ([\d.]+) (bytes|KiB|MiB|GiB))?/g;
  const [, done, total, size, unit] = [...chunk.matchAll(pattern)].at(-1) ?? [];
  if (done === undefined) return null;
  const bytes = size === undefined ? null : Math.round(Number(size) * 1024 ** UNITS.indexOf(unit ?? ''));
  return { done: Number(done), total: Number(total), bytes };
}

/** Returns what git printed without its progress, from both ends, so that the reason for a failure is left. */
export function withoutProgress(text: string): string {
  const isProgress = (line: string) =>
    /^(?:remote: )?[A-Z][a-z]+ [a-z ]+: +(?:\d+% \(\d+\/\d+\)|\d+, done|\d+$)|^(?:Delta compression using|(?:remote: )?Total \d+ \()/.test(
      line,
    );
  return text
    .split(/\r|\n/)
    .filter((line) => !isProgress(line))
    .join('\n');
}

/** Returns the lines that the hub has sent to whoever pushes, in what `git push` printed on standard error. */
export function remoteLinesIn(text: string): string[] {
  return withoutProgress(text)
    .split('\n')
    .flatMap((line) => /^remote: +(.*\S)/.exec(line)?.[1] ?? []);
}

/** Returns the error of a git without its progress, which would be mistaken for the reason. */
export function plainError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FleetError) return error;
  return new Error(withoutProgress(error.message), { cause: error });
}
