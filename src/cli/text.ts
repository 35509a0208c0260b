/** Control characters but for tab and newline: C0 with ESC and CR, DEL, and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

function caret(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  return code === 0x7f ? '^?' : `\\x${code.toString(16)}`;
}

/**
 * Text that is safe to write to a terminal, whoever it came from: `^[` where there was an escape character, and so on
 * for all that could move the cursor, change colours or set the title. A CR before a newline goes away.
 */
export function visible(text: string): string {
  return text.replace(/\r(?=\n|$)/g, '').replace(CONTROL, caret);
}

/** As {@link visible}, and on one line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n');
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };
export type Colour = keyof typeof CODES;

/** Colours text, or leaves it alone. */
export type Paint = (colour: Colour, text: string) => string;

const plain: Paint = (_colour, text) => text;
const painted: Paint = (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;

/** Colours where a person looks: on a terminal, unless NO_COLOR is set (https://no-color.org) or it is a dumb one. */
export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  return stream.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb' ? painted : plain;
}

const BY_PROCESS: Colour[] = ['cyan', 'green', 'yellow', 'blue', 'magenta', 'red'];

/** A process's colour: always the same one. `id` is hex. */
export function colourOf(id: string): Colour {
  return BY_PROCESS[Number.parseInt(id, 16) % BY_PROCESS.length] ?? 'cyan';
}

/** The words that are close to one that was mistyped, the closest first. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((name) => ({ name, distance: distance(word, name) }))
    .filter(
      ({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(word.length, name.length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.name;
}

/** How many letters must be changed, added, left out or swapped (Damerau and Levenshtein, restricted). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
