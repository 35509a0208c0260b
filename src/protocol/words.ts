import * as v from 'valibot';
import { MAX_NAMES } from './limits.ts';
import { list } from './list.ts';
import { COMMIT_PATTERN, ENV_NAME_PATTERN, ID_PATTERN, NAME_PATTERN } from './names.ts';
import type { ProcessStatus } from './process.ts';
import { record } from './record.ts';
import { RIGHTS } from './rights.ts';

// The words that every message is made of. A title is how this folder's README calls a word.
// Objects drop the keys that they do not name: a newer peer may send more than an older one knows.

/** Text without NUL, which neither argv nor an environment can hold. */
const text = (max: number) => v.pipe(v.string(), v.maxLength(max), v.regex(/^[^\0]*$/, 'has a NUL'));

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.title('count'));
export const bytes = v.pipe(count, v.title('bytes'));
export const milliseconds = v.pipe(count, v.title('ms'));
/** Milliseconds since 1970, as far as a date goes (ECMA-262, 21.4.1.1): beyond that, it cannot be printed. */
export const moment = v.pipe(milliseconds, v.maxValue(8_640_000_000_000_000), v.title('ms'));
export const seconds = v.pipe(count, v.title('seconds'));
export const name = v.pipe(v.string(), v.regex(NAME_PATTERN, 'is not a name'), v.title('name'));
export const commit = v.pipe(
  v.string(),
  v.regex(COMMIT_PATTERN, 'is not a full commit hash'),
  v.title('commit'),
);
export const id = v.pipe(v.string(), v.regex(ID_PATTERN, 'is not a process id'), v.title('id'));
export const key = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'is not a key'), v.title('key'));
export const command = v.pipe(list(text(131_072), 10_000), v.minLength(1), v.title('command'));
export const variable = v.pipe(
  v.string(),
  v.maxLength(256),
  v.regex(ENV_NAME_PATTERN, 'is not a variable'),
  v.title('variable'),
);
export const env = v.pipe(
  record(variable, text(131_072), { most: 1000, otherwise: 'has too many variables' }),
  v.title('env'),
);
export const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535), v.title('port'));
export const path = v.pipe(text(4096), v.title('path'));
/** Where a process runs that was spawned by hand: a directory, relative to the checkout, and whether it gets a port. */
export const place = {
  cwd: v.optional(v.nullable(path), null),
  port: v.optional(v.nullable(v.pipe(v.picklist(['auto']), v.title('"auto"'))), null),
};
export const grace = v.pipe(milliseconds, v.maxValue(86_400_000), v.title('grace'));
export const ids = list(id, 100_000);
/** Of drones, of which a hub has no more. */
export const names = list(name, MAX_NAMES);
export const signal = v.nullable(v.pipe(v.string(), v.regex(/^SIG[A-Z0-9]{2,12}$/), v.title('signal')));
export const exitCode = v.nullable(
  v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(4_294_967_295), v.title('exit code')),
);
export const shortText = v.pipe(text(1000), v.title('text'));
export const right = v.pipe(v.picklist(RIGHTS), v.title('right'));

const labelsUpTo = (most: number) =>
  v.pipe(
    record(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/, 'is not a label')), text(256), {
      most,
      otherwise: 'has too many labels',
    }),
    v.title('labels'),
  );

/** `key=value` pairs of the caller's that processes can be found by. */
export const labels = labelsUpTo(64);
/** Those of a drone: its own, and those that its hub has given it. */
export const labelsOfDrone = labelsUpTo(128);

/** The version of a peer's fleet. */
export const version = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}[\w.+-]{0,50}$/),
  v.title('version'),
);
export const features = v.pipe(list(v.pipe(v.string(), v.maxLength(50)), 1000), v.title('features'));

/** An error as it travels; codes are an open set. */
export const error = v.pipe(
  v.object({ code: v.pipe(v.string(), v.maxLength(50)), message: v.pipe(v.string(), v.maxLength(10_000)) }),
  v.title('error'),
);

export const exit = { code: exitCode, signal, error: v.exactOptional(shortText) };
export const lastExit = v.nullable(v.object(exit));

/** `running`, `respawning`, `unknown`; newer drones may know more. */
export const status = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z -]{0,30}$/, 'is not a status'),
  v.title('status'),
);

const isCount = (value: unknown) => typeof value === 'number' && value >= 0;

/**
 * A process as `ps` shows it. Checked by hand: there may be ten thousand in one answer, and the general way takes
 * 70 ms for them.
 */
export const processStatus = v.pipe(
  v.custom<ProcessStatus>((given) => {
    const {
      status: is,
      repo,
      commit: hash,
      command: words,
      restarts,
      uptime,
      respawnIn,
      pid,
      lastExit: last,
    } = (given ?? {}) as Record<string, unknown>;
    return (
      typeof is === 'string' &&
      typeof repo === 'string' &&
      typeof hash === 'string' &&
      Array.isArray(words) &&
      words.every((word) => typeof word === 'string') &&
      [restarts, uptime, respawnIn].every(isCount) &&
      (pid === null || isCount(pid)) &&
      typeof last === 'object'
    );
  }, 'is not a process'),
  v.title('process'),
);

/** A process by its id, on one drone or wherever it is. */
export const processName = v.object({ drone: v.nullable(name), id });

/** Which processes or logs are meant: all that is given must hold. */
export const selection = v.pipe(
  v.object({
    ids: v.optional(v.nullable(list(processName, 100_000)), null),
    repo: v.optional(v.nullable(name), null),
    commit: v.optional(
      v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{1,40}$/, 'does not begin a commit hash'))),
      null,
    ),
    labels: v.optional(labels, {}),
    drones: v.optional(v.nullable(names), null),
    service: v.optional(v.nullable(name), null),
    /** The empty text is the app without a stage. */
    stage: v.optional(v.nullable(v.union([v.literal(''), name])), null),
  }),
  v.title('selection'),
);

/** What became of the processes that one drone was asked to stop or restart. */
export const stopResult = v.pipe(
  v.object({ stopped: ids, killed: ids, errors: record(id, error) }),
  v.title('stop result'),
);

const characters = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000), v.title('count'));
/** Rows and columns of a terminal. */
export const terminalSize = { rows: characters, columns: characters };
export const terminal = v.pipe(
  v.object({ ...terminalSize, term: v.pipe(v.string(), v.regex(/^[\w.+-]{1,100}$/, 'is not a terminal')) }),
  v.title('terminal'),
);

export const stream = v.pipe(v.picklist(['stdout', 'stderr']), v.title('stream'));
