import { visible, visibleLine } from '../system/visible.ts';
import type { OutputStream } from './io.ts';

const CODES = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };
export type Colour = keyof typeof CODES;

/** How text is shown on one stream: plain to a program, coloured and safe to a person. */
export interface Screen {
  /** Colours text, or returns it as it is. */
  paint(colour: Colour, text: string): string;
  /** Returns text that cannot do more to a terminal than be read; for a program, the text as it is. */
  safe(text: string): string;
  /** The same, and on one line. */
  safeLine(text: string): string;
}

const asItIs = (text: string) => text;
const unpainted = (_colour: Colour, text: string) => text;

/** For a pipe or a file: nothing is changed. */
export const PLAIN: Screen = { paint: unpainted, safe: asItIs, safeLine: asItIs };

/**
 * Returns how to show text on this stream. Terminals have colours, unless NO_COLOR is set (https://no-color.org) or TERM is
 * `dumb`. node's `util.styleText` is not used: Node 20.11 and older lack it, it respects the stream only from 20.18 on, and
 * FORCE_COLOR makes it colour what is piped.
 */
export function screenOf(stream: Pick<OutputStream, 'isTTY'>, env: NodeJS.ProcessEnv): Screen {
  if (!stream.isTTY) return PLAIN;
  const coloured = !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return { paint: coloured ? painted : unpainted, safe: visible, safeLine: visibleLine };
}

const painted = (colour: Colour, text: string) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;

/** Without red, which means that something is wrong. */
const BY_NAME = ['cyan', 'green', 'yellow', 'blue', 'magenta'] as const;

/** Returns the colour for the output of a drone or repository: always the same one for the same name. */
export function colourOf(name: string): Colour {
  const sum = [...name].reduce(
    (hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521,
    7,
  );
  return BY_NAME[sum % BY_NAME.length] ?? 'cyan';
}
