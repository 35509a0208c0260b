/** The first mistake in a JSON text. */
export interface JsonFault {
  /** From 1. */
  line: number;
  column: number;
  /** `a comma is missing` */
  why: string;
}

const TOKEN =
  /\s*(?:(?<string>"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")|(?<atom>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))|(?<mark>[{}[\],:]))/uy;

/** Returns the first mistake in `text`; undefined if it is JSON. JSON.parse gives a position for some mistakes only. */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let expect = 'a value';
  for (let at = 0; ; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
    if (!match) {
      if (start === text.length && expect === 'the end') return undefined;
      return faultAt(text, start, whyNoToken(text, start, expect));
    }
    const next = step(open, expect, match.groups ?? {});
    if (next === undefined) return faultAt(text, start, `${expect} should be here`);
    expect = next;
    at = TOKEN.lastIndex;
  }
}

function whyNoToken(text: string, start: number, expect: string): string {
  if (start === text.length) return `it ends where ${expect} should be`;
  return text[start] === '"' ? 'this string is not ended, or has a wrong escape' : `${expect} should be here`;
}

/** Returns what must follow a token; undefined if the token is not what was expected. */
function step(
  open: ('{' | '[')[],
  expect: string,
  { string, atom, mark }: { string?: string; atom?: string; mark?: string },
): string | undefined {
  const afterValue = () =>
    open.at(-1) === '{' ? "',' or '}'" : open.at(-1) === '[' ? "',' or ']'" : 'the end';
  const close = () => {
    open.pop();
    return afterValue();
  };
  if (expect === "':'") return mark === ':' ? 'a value' : undefined;
  if (expect.startsWith("',' or ")) {
    if (mark === ',') return open.at(-1) === '{' ? 'a name in double quotes' : 'a value';
    return mark === expect.at(-2) ? close() : undefined;
  }
  if (expect.startsWith('a name')) {
    if (mark === '}' && expect.endsWith("'}'")) return close();
    return string === undefined ? undefined : "':'";
  }
  if (expect === 'the end') return undefined;
  if (string !== undefined || atom !== undefined) return afterValue();
  if (mark === ']' && expect.endsWith("']'")) return close();
  if (mark === '{' || mark === '[') open.push(mark);
  return mark === '{' ? "a name in double quotes or '}'" : mark === '[' ? "a value or ']'" : undefined;
}

function faultAt(text: string, offset: number, why: string): JsonFault {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, why };
}
