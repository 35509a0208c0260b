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
