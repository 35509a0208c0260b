import * as v from 'valibot';
import { COMMIT_PATTERN, ENV_NAME_PATTERN, ID_PATTERN, NAME_PATTERN } from './names.ts';

// The words that every message is made of. Only daemons load this file; clients take its types.

/** Text without NUL, which neither argv nor an environment can hold. */
const text = (max: number) => v.pipe(v.string(), v.maxLength(max), v.regex(/^[^\0]*$/, 'has a NUL'));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const name = v.pipe(v.string(), v.regex(NAME_PATTERN, 'is not a name'));
export const commit = v.pipe(v.string(), v.regex(COMMIT_PATTERN, 'is not a full commit hash'));
export const id = v.pipe(v.string(), v.regex(ID_PATTERN, 'is not a process id'));
export const key = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'is not a key'));
export const bytes = count;
export const milliseconds = count;
export const command = v.pipe(v.array(text(131_072)), v.minLength(1), v.maxLength(10_000));
export const env = v.pipe(
  v.record(
    v.pipe(v.string(), v.maxLength(256), v.regex(ENV_NAME_PATTERN, 'is not a variable')),
    text(131_072),
  ),
  v.check((given) => Object.keys(given).length <= 1000, 'has too many variables'),
);
export const path = text(4096);
export const grace = v.pipe(milliseconds, v.maxValue(86_400_000));
export const ids = v.pipe(v.array(id), v.maxLength(100_000));
export const names = v.pipe(v.array(name), v.maxLength(100_000));
export const signal = v.nullable(v.pipe(v.string(), v.regex(/^SIG[A-Z0-9]{2,12}$/)));
export const exitCode = v.nullable(
  v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(4_294_967_295)),
);
export const shortText = text(1000);

export const lastExit = v.nullable(
  v.strictObject({ code: exitCode, signal, error: v.exactOptional(shortText) }),
);

export const processReport = v.strictObject({
  id,
  key,
  repo: name,
  commit,
  command,
  status: v.picklist(['running', 'respawning']),
  restarts: count,
  lastExit,
  uptime: milliseconds,
  respawnIn: milliseconds,
  pid: v.nullable(count),
});

export const interest = v.strictObject({
  all: v.boolean(),
  ids: v.pipe(v.array(id), v.maxLength(10_000)),
  repos: v.pipe(v.array(name), v.maxLength(1000)),
});

/** Where in a log to begin: at a byte, so many lines before the end, or at a time (ms since 1970). */
export const logPlace = v.variant('kind', [
  v.strictObject({ kind: v.literal('offset'), offset: bytes }),
  v.strictObject({ kind: v.literal('tail'), lines: v.pipe(count, v.maxValue(10_000_000)) }),
  v.strictObject({ kind: v.literal('since'), time: count }),
]);
export { count };
