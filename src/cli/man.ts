/** A manual page. Text may have code in backticks; a paragraph that begins with two spaces is code. */
export interface Page {
  /** As in `man NAME`. */
  name: string;
  section: 1 | 5;
  summary: string;
  synopsis: string[];
  description: string[];
  options: readonly { term: string; help: string }[];
  examples: readonly (readonly [what: string, code: string])[];
  exitStatus: readonly (readonly [status: string, meaning: string])[];
  environment: readonly (readonly [name: string, meaning: string])[];
  seeAlso: readonly string[];
}

/** A part of a page. */
type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'form'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'term'; term: string; text: string };

function blocksOf(page: Page): Block[] {
  const heading = (text: string): Block => ({ kind: 'heading', text });
  const term = ([name, text]: readonly [string, string]): Block => ({ kind: 'term', term: name, text });
  return [
    heading('NAME'),
    { kind: 'text', text: `${page.name} - ${page.summary}` },
    heading('SYNOPSIS'),
    ...page.synopsis.map((text): Block => ({ kind: 'form', text })),
    heading('DESCRIPTION'),
    ...page.description.map(
      (text): Block =>
        text.startsWith('  ') ? { kind: 'code', text: text.replace(/^ {2}/gm, '') } : { kind: 'text', text },
    ),
    heading('OPTIONS'),
    ...page.options.map((option) => term([option.term, option.help])),
    heading('EXAMPLES'),
    ...page.examples.flatMap(([text, code]): Block[] => [
      { kind: 'text', text },
      { kind: 'code', text: code },
    ]),
    heading('EXIT STATUS'),
    ...page.exitStatus.map(term),
    heading('ENVIRONMENT'),
    ...page.environment.map(term),
    heading('SEE ALSO'),
    { kind: 'text', text: page.seeAlso.join(', ') },
  ];
}

/** Returns the source of a manual page: man(7) macros, in ASCII, for every formatter and locale. */
export function toRoff(page: Page): string {
  const title = `.TH "${roffText(page.name.toUpperCase())}" "${page.section}" "" "fleet" "Fleet manual"`;
  const source = '.\\" Made by npm run man, from the command itself.';
  const ragged = '.nh\n.ad l';
  const text = [source, title, ragged, ...blocksOf(page).map(roffBlock)].join('\n');
  return `${text.replace(/^(\.SH .*)\n\.PP$/gm, '$1')}\n`;
}

function roffBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `.SH "${block.text}"`;
    case 'form':
      return `.HP 4\n${roffLine(block.text)}`;
    case 'text':
      return `.PP\n${prose(block.text)}`;
    case 'code':
      return `.PP\n.RS 4\n.nf\n${block.text.split('\n').map(roffLine).join('\n')}\n.fi\n.RE`;
    case 'term':
      return `.TP\n\\fB${roffText(block.term)}\\fR\n${prose(block.text)}`;
  }
}

/** Returns text with `code` in bold. */
function prose(text: string): string {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? `\\fB${roffText(part)}\\fR` : roffText(part)));
  return guard(parts.join(''));
}

const roffLine = (line: string) => guard(roffText(line));

/** Protects a line that begins with a dot or a quote, which would be a macro. */
const guard = (line: string) => (/^[.']/.test(line) ? `\\&${line}` : line);

const NAMED: Record<string, string> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

function roffText(text: string): string {
  return text
    .replace(/[\\\-'`^~"]/g, (character) => NAMED[character] ?? character)
    .replace(
      /[^\x20-\x7e]/gu,
      (c) => `\\[u${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

const WIDTH = 80;

/** Returns a page as plain text, for when there is no `man`, or no terminal. */
export function toText(page: Page): string {
  const text = blocksOf(page).map(textBlock).join('\n');
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;
}

function textBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `\n${block.text}`;
    case 'form':
      return `${wrap(block.text, 11).slice(4)}\n`;
    case 'text':
      return `${wrap(block.text, 7)}\n`;
    case 'code':
      return `${block.text.replace(/^(?=.)/gm, ' '.repeat(11))}\n`;
    case 'term':
      return `${' '.repeat(7)}${block.term}\n${wrap(block.text, 14)}\n`;
  }
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  // Code is not wrapped at its spaces.
  for (const word of text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const plain = word.replaceAll('`', '');
    if (line !== '' && line.length + 1 + plain.length > WIDTH - indent) {
      lines.push(line);
      line = plain;
    } else line = line === '' ? plain : `${line} ${plain}`;
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one).join('\n');
}
