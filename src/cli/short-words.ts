/** The longest path that Linux takes is ten times as long; what is in the middle of that helps nobody. */
const MAX_WORD_CHARACTERS = 400;
const AT_BEGIN = 250;
const AT_END = 100;

/** Returns a line in which each word that is too long to be read, such as a path, lacks its middle. */
export function withShortWords(line: string): string {
  if (line.length <= MAX_WORD_CHARACTERS) return line;
  return line.replace(/\S+/g, (word) => {
    const characters = [...word];
    if (characters.length <= MAX_WORD_CHARACTERS) return word;
    return `${characters.slice(0, AT_BEGIN).join('')}…${characters.slice(-AT_END).join('')}`;
  });
}
