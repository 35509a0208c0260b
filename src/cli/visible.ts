/** Control characters except tab and newline: C0 (with ESC and CR), DEL and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

function caret(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  return code === 0x7f ? '^?' : `\\x${code.toString(16)}`;
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
