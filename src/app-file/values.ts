import { ENV_NAME_PATTERN, MARK_VARIABLE } from '../protocol/names.ts';
import { closest } from '../system/closest.ts';
import { type Command, parseCommand } from './command.ts';
import { type Host, parseHost } from './host.ts';
import { asText, either, type Kind, list, mapped, text } from './kinds.ts';
import { parseSelector, type Selector } from './selector.ts';
import { named } from './tables.ts';
import type { Parallel, Shared } from './types.ts';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The limit of node's timers is 24.8 days. */
const MAX_TIME_MS = 24 * 24 * UNIT_MS.h;

/** A time in milliseconds, from `leastMs`. */
function time(leastMs: number): Kind<number> {
  const what = 'a time with a unit, such as "500ms", "30s", "15m" or "1h"';
  return mapped(text(what, /^\d+(?:\.\d+)?(?:ms|s|m|h)$/, timeMeant), (value, place) => {
    const unit = value.replace(/[\d.]/g, '') as keyof typeof UNIT_MS;
    const ms = Math.round(Number.parseFloat(value) * UNIT_MS[unit]);
    if (ms < leastMs) throw place.mustBe('longer than nothing', value);
    if (ms > MAX_TIME_MS) throw place.mustBe('24 days ("576h") at most', value);
    return ms;
  });
}

/** Returns `30s` for `30`, `30 s`, `30S` and `30 seconds`. */
function timeMeant(wrong: string): string | undefined {
  const [, number, word = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(wrong) ?? [];
  if (number === undefined) return undefined;
  if (/^(?:ms|msec|milli)/i.test(word)) return `${number}ms`;
  if (/^d/i.test(word)) return `${Number(number) * 24}h`;
  return number + (/^[smh]/i.test(word) ? word.charAt(0).toLowerCase() : 's');
}

export const TIME = time(0);
/** A time that is not zero. */
export const SPAN = time(1);

const UNIT_BYTES = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

export const SIZE: Kind<number> = mapped(
  text('a size such as "512M" or "2G"', /^\d+(?:\.\d+)?[KMG]$/, (wrong) => {
    const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*$/i.exec(wrong) ?? [];
    return number && number + (unit?.toUpperCase() || 'M');
  }),
  (value, place) => {
    const bytes = Number.parseFloat(value) * UNIT_BYTES[value.slice(-1) as keyof typeof UNIT_BYTES];
    if (bytes < UNIT_BYTES.M) throw place.mustBe('"1M" at least', value);
    return Math.round(bytes);
  },
);

const LINE: Kind<string> = text('a command', /^(?=[\s\S]*\S)[^\0]+$/);
export const COMMAND: Kind<Command> = either<Command>('a command: a string, or a list of words', {
  string: mapped(LINE, parseCommand),
  list: mapped(list(text('a word', /^[^\0]*$/), '["node", "server.js"]'), (words, place) => {
    if (words[0]?.trim()) return words;
    throw place.key('0').mustBe('the name of a program', words[0]);
  }),
});

/** Those of signal(7) that a process can catch and that are sent on purpose. */
const SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGALRM',
] as const;
const SIGNAL_WHAT = 'a signal such as "SIGTERM", "SIGINT" or "SIGQUIT"';
export const SIGNAL: Kind<NodeJS.Signals> = {
  what: SIGNAL_WHAT,
  schema: { enum: SIGNALS },
  read(value, place) {
    const signal = SIGNALS.find((name) => name === value);
    if (signal) return signal;
    if (value === 'SIGKILL' || value === 'SIGSTOP') {
      throw place.mustBe('a signal that a process can catch', value, 'SIGTERM');
    }
    const name = asText(value).toUpperCase();
    throw place.mustBe(SIGNAL_WHAT, value, closest(name.startsWith('SIG') ? name : `SIG${name}`, SIGNALS));
  },
};

/** Slashes between plain names; no `.` or `..`, nothing absolute, nothing in git's own directory. */
const INSIDE = /^(?:\.\/)?(?!\.git(?:\/|$))(?!\.{1,2}(?:\/|$))[^/\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)*\/?$/;

function path(what: string): Kind<string> {
  const meant = (wrong: string) => wrong.replace(/^\/+/, '').replace(/\/{2,}/g, '/');
  return text(`${what} inside the checkout`, INSIDE, meant);
}

const plain = (value: string) => value.replace(/^\.\//, '').replace(/\/$/, '');

export const PATH: Kind<string> = mapped(path('a path'), plain);
export const SHARED: Kind<Shared> = mapped(path('a file, or a directory with / at its end,'), (value) => ({
  path: plain(value),
  directory: value.endsWith('/'),
}));

const LABELS = /^[A-Za-z0-9_.*-]+$|^[A-Za-z0-9_./-]+=[^,=\s]+$/;
const SELECTOR: Kind<Selector> = {
  what: 'a drone\'s name or KEY=VALUE, such as "web*" or "role=web"',
  schema: { type: 'string', minLength: 1 },
  read(value, place) {
    const valid = typeof value === 'string' && value.split(',').every((part) => LABELS.test(part.trim()));
    if (valid) return parseSelector(value);
    const meant = typeof value === 'string' ? value.replace(/\s*([=:])\s*/g, '=').trim() : '';
    throw place.mustBe(SELECTOR.what, value, LABELS.test(meant) && meant !== value ? meant : undefined);
  },
};
export const ON: Kind<Selector[]> = list(SELECTOR, '["role=web"]');

const HOST: Kind<Host> = {
  what: 'a host such as "example.com" or "{app}.example.com/api"',
  schema: { type: 'string', minLength: 1 },
  read(value, place) {
    const host = typeof value === 'string' ? parseHost(value) : null;
    if (host) return host;
    const meant = asText(value)
      .replace(/^[a-z]+:\/\//i, '')
      .replace(/:\d+(?=\/|$)/, '')
      .trim();
    throw place.mustBe(HOST.what, value, parseHost(meant) ? meant : undefined);
  },
};
export const HOSTS: Kind<Host[]> = list(HOST, '["example.com"]');

export const PERCENT: Kind<Parallel> = mapped(
  text('a percentage from "1%" to "100%"', /^(?:[1-9]\d?|100)%$/, (wrong) => `${wrong}%`),
  (value) => ({ percent: Number.parseInt(value, 10) }),
);

const VARIABLE = "a variable's name is letters, digits and _, and does not begin with a digit";
export const VARIABLE_NAME: Kind<string> = text(
  'the name of a variable, such as "DATABASE_URL"',
  ENV_NAME_PATTERN,
  (wrong) => wrong.trim().replace(/^\$/, '').replace(/=.*$/s, '').replaceAll('-', '_'),
);
export const ENV: Kind<Record<string, string>> = mapped(
  named(
    VARIABLE,
    ENV_NAME_PATTERN,
    text('a string', /^[^\0]*$/, (wrong) => wrong),
  ),
  (env, place) => {
    if (!Object.hasOwn(env, MARK_VARIABLE)) return env;
    throw place
      .key(MARK_VARIABLE)
      .error("is fleet's own, by which it knows its processes; take another name");
  },
);
