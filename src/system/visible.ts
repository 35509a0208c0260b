/**
 * Control characters except tab and newline: C0 (with ESC and CR), DEL and C1, and those that change the direction of text
 * (Bidi_Control of Unicode), with which a line can be shown in another order than it has.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function caret(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  if (code === 0x7f) return '^?';
  return code < 0x100 ? `\\x${code.toString(16)}` : escaped(character);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Returns a value as JSON that is safe to write to a terminal, and means the same; in lines if they have an `indent`. */
export function visibleJson(
  value: unknown,
  replacer: ((key: string, value: unknown) => unknown) | null = null,
  indent = 0,
): string {
  return JSON.stringify(value, replacer as never, indent).replace(CONTROL, escaped);
}

/**
 * Returns text that is safe to write to a terminal, wherever it comes from: `^[` instead of an escape character, and so on
 * for everything that could move the cursor, change colours or set the title. A CR before a newline is dropped.
 */
export function visible(text: string): string {
  return text.replace(/\r(?=\n|$)/g, '').replace(CONTROL, caret);
}

/** The same as {@link visible}, on one line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n');
}
