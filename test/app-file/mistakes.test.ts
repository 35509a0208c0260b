import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../src/app-file/app-file.ts';
import { FleetError } from '../../src/protocol/errors.ts';

function mistakeIn(toml: string | null, procfile: string | null = null, stage: string | null = null): string {
  try {
    parseAppFile({ toml, procfile, stage });
  } catch (error) {
    assert.ok(error instanceof FleetError, String(error));
    assert.equal(error.code, 'ECONFIG');
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return 'none';
}

test('the error for an unknown key has its line, and the key that was probably meant', () => {
  const cases: [string, string][] = [
    ['[services.web]\n\ncuont = 1', '3: services.web.cuont is not a key; did you mean count?'],
    [
      "[env]\nFLEET_RUN = 'x'",
      "2: env.FLEET_RUN is fleet's own, by which it knows its processes; take another name",
    ],
    ['[service.web]', '1: service is not a key; did you mean services?'],
    ['[deploy]\nbuild_timeout = "1m"', '2: deploy.build_timeout is not a key; did you mean build-timeout?'],
    ['zzzzzzzzz = 1', '1: zzzzzzzzz is not a key; there are deploy, env, services, as'],
    [
      '[as."pr-*"]\nservices.web.cuont = 1',
      '2: as."pr-*".services.web.cuont is not a key; did you mean count?',
    ],
    [
      'services.web = { stop = {\n gracee = "1s" } }',
      '2: services.web.stop.gracee is not a key; did you mean grace?',
    ],
    ['[services.web]\n"__proto__" = 1', '2: services.web.__proto__ is not a key; there are command, '],
    [
      '[services.web]\nrestart-after = "1m"',
      '2: services.web.restart-after is not a key; did you mean health.restart-after?',
    ],
    ['[services.web]\ngrace = "1m"', '2: services.web.grace is not a key; did you mean stop.grace?'],
    ['[services.web]\nbuild = "x"', '2: services.web.build is not a key; did you mean deploy.build?'],
    ['build = "x"', '1: build is not a key; did you mean deploy.build?'],
    ['[web]\ncommand = "x"', '1: web is not a key; did you mean services.web?'],
    ['[services.web]\nconstructor = 1', '2: services.web.constructor is not a key; there are command, '],
  ];
  for (const [toml, message] of cases)
    assert.ok(mistakeIn(toml).startsWith(`fleet.toml:${message}`), mistakeIn(toml));
});

test('invalid TOML is an error with its line', () => {
  assert.match(mistakeIn('a = 1\nb = ['), /^fleet\.toml:2: not valid TOML: /);
  assert.match(mistakeIn('\ufeff[deploy]\r\nkeep = 1\r\nkeep = 2\r\n'), /^fleet\.toml:3: not valid TOML: /);
  assert.match(mistakeIn(`a = ${'['.repeat(60)}${']'.repeat(60)}`), /^fleet\.toml:1: not valid TOML: /);
});

const TIME = 'a time with a unit, such as "500ms", "30s", "15m" or "1h"';
const COUNT = 'a whole number from 0 to 10000, or "each"';
const SIGNAL = 'a signal such as "SIGTERM", "SIGINT" or "SIGQUIT"';
const PERCENT = 'a percentage from "1%" to "100%"';
const HOST = 'a host such as "example.com" or "{app}.example.com/api"';
const SELECTOR = 'a drone\'s name or KEY=VALUE, such as "web*" or "role=web"';
const COMMAND = 'a command: a string, or a list of words';
const INSIDE = 'inside the checkout';

/** A value of a service's key, and what it must be. */
const OF_SERVICES: [key: string, value: string, mustBe: string][] = [
  ['command', '3', `${COMMAND}, not 3`],
  ['command', '" "', 'a command, not " "'],
  ['command', '[]', 'a list such as ["node", "server.js"], not []'],
  ['command', '"a\\u0000"', 'a command, not "a\\u0000"'],
  ['count', '-1', 'a whole number from 0 to 10000, not -1'],
  ['count', '1.5', 'a whole number from 0 to 10000, not 1.5'],
  ['count', 'inf', 'a whole number from 0 to 10000, not Infinity'],
  ['count', '"4"', `${COUNT}, not "4"; did you mean 4?`],
  ['count', '"all"', `${COUNT}, not "all"`],
  ['count', '[1]', `${COUNT}, not [1]`],
  ['on', '"role=web"', 'a list such as ["role=web"], not "role=web"; did you mean ["role=web"]?'],
  ['on', '[]', 'a list such as ["role=web"], not []'],
  ['health', 'true', 'false, a path, or a table, not true'],
  ['health', '"up"', 'a path such as "/up", not "up"; did you mean "/up"?'],
  [
    'host',
    '"example.com"',
    'a list such as ["example.com"], not "example.com"; did you mean ["example.com"]?',
  ],
  ['port', '0', 'a whole number from 1 to 65535, not 0'],
  ['port', '70000', 'a whole number from 1 to 65535, not 70000'],
  ['port', '"80"', 'a whole number from 1 to 65535, not "80"; did you mean 80?'],
  ['parallel', '0', 'a whole number from 1 to 10000, not 0'],
  ['parallel', '"25"', `${PERCENT}, not "25"; did you mean "25%"?`],
  ['parallel', '"0%"', `${PERCENT}, not "0%"`],
  ['parallel', '"101%"', `${PERCENT}, not "101%"`],
  ['order', '"stopfirst"', '"start-first" or "stop-first", not "stopfirst"; did you mean "stop-first"?'],
  ['drain', '10', `${TIME}, not 10; did you mean "10s"?`],
  ['drain', '"10"', `${TIME}, not "10"; did you mean "10s"?`],
  ['drain', '"10 sec"', `${TIME}, not "10 sec"; did you mean "10s"?`],
  ['drain', '"2d"', `${TIME}, not "2d"; did you mean "48h"?`],
  ['drain', '"-1s"', `${TIME}, not "-1s"`],
  ['drain', '"600h"', '24 days ("576h") at most, not "600h"'],
  ['drain', '1979-05-27', `${TIME}, not a date`],
  ['drain', '{}', `${TIME}, not a table`],
  ['stop', '"SIGINT"', 'a table with signal, grace, wait, not "SIGINT"'],
  ['memory', '512', 'a size such as "512M" or "2G", not 512; did you mean "512M"?'],
  ['memory', '"512mb"', 'a size such as "512M" or "2G", not "512mb"; did you mean "512M"?'],
  ['memory', '"1K"', '"1M" at least, not "1K"'],
  ['memory', '"0G"', '"1M" at least, not "0G"'],
  ['max-restarts', '20', 'a table with count, within, not 20'],
  ['dir', '"/srv"', `a path ${INSIDE}, not "/srv"; did you mean "srv"?`],
  ['dir', '"../x"', `a path ${INSIDE}, not "../x"`],
  ['dir', '"a/../b"', `a path ${INSIDE}, not "a/../b"`],
  ['dir', '".git/hooks"', `a path ${INSIDE}, not ".git/hooks"`],
  ['reschedule', '"0s"', 'longer than nothing, not "0s"'],
];

test('the error for an invalid value of a service says what it must be', () => {
  for (const [key, value, mustBe] of OF_SERVICES) {
    const toml = `[services.web]\ncommand = "x"\n\n${key} = ${value}`.replace(
      /(?<=\n)command = "x"\n(?=\ncommand)/,
      '\n',
    );
    assert.equal(mistakeIn(toml), `fleet.toml:4: services.web.${key} must be ${mustBe}`);
  }
});

test('an invalid value inside a list or table is an error too', () => {
  const cases: [string, string][] = [
    ['command = ["", "a"]', 'command.0 must be the name of a program, not ""'],
    ['command = ["a", 1]', 'command.1 must be a word, not 1'],
    ['on = ["role: web"]', `on.0 must be ${SELECTOR}, not "role: web"; did you mean "role=web"?`],
    ['on = ["a,,b"]', `on.0 must be ${SELECTOR}, not "a,,b"`],
    ['on = ["a", 5]', `on.1 must be ${SELECTOR}, not 5`],
    [
      'host = ["https://example.com:443/x"]',
      `host.0 must be ${HOST}, not "https://example.com:443/x"; did you mean "example.com/x"?`,
    ],
    ['host = ["{stage}.example.com"]', `host.0 must be ${HOST}, not "{stage}.example.com"`],
    ['host = ["a.*.com"]', `host.0 must be ${HOST}, not "a.*.com"`],
    ['host = ["a.com/../b"]', `host.0 must be ${HOST}, not "a.com/../b"`],
    ['health = { interval = "0s" }', 'health.interval must be longer than nothing, not "0s"'],
    [
      'health = { path = "/a", command = "b" }',
      'health.command stands beside path; a service has one check, so leave out one of them',
    ],
    ['stop = { signal = "INT" }', `stop.signal must be ${SIGNAL}, not "INT"; did you mean "SIGINT"?`],
    [
      'stop = { signal = "SIGTREM" }',
      `stop.signal must be ${SIGNAL}, not "SIGTREM"; did you mean "SIGTERM"?`,
    ],
    [
      'stop = { signal = "SIGKILL" }',
      'stop.signal must be a signal that a process can catch, not "SIGKILL"; did you mean "SIGTERM"?',
    ],
    ['stop = { signal = 9 }', `stop.signal must be ${SIGNAL}, not 9`],
    ['max-restarts = { count = 0 }', 'max-restarts.count must be a whole number from 1 to 10000, not 0'],
    ['env = { PORT = 80 }', 'env.PORT must be a string, not 80; did you mean "80"?'],
    [
      'env = { "a-b" = "" }',
      "env.a-b has no valid name: a variable's name is letters, digits and _, and does not begin with a digit",
    ],
  ];
  for (const [line, message] of cases)
    assert.equal(mistakeIn(`[services.web]\n${line}`, 'web: x'), `fleet.toml:2: services.web.${message}`);
});

test('the deploy section is checked like services', () => {
  const cases: [string, string][] = [
    ['build = ""', 'build must be a command, not ""'],
    ['build-timeout = 600', `build-timeout must be ${TIME}, not 600; did you mean "600s"?`],
    [
      'cache = [\n"/var/cache"]',
      `cache.0 must be a path ${INSIDE}, not "/var/cache"; did you mean "var/cache"?`,
    ],
    ['release = 1', 'release must be a command, or a table, not 1'],
    ['release = { on = ["a"] }', 'release needs a command'],
    [
      'needs = ["$A-B"]',
      'needs.0 must be the name of a variable, such as "DATABASE_URL", not "$A-B"; did you mean "A_B"?',
    ],
    [
      'shared = ["../up"]',
      `shared.0 must be a file, or a directory with / at its end, ${INSIDE}, not "../up"`,
    ],
    ['shared = ["a/", "a/b"]', 'shared.1 is a/b, and a is cached or shared already'],
    ['cache = ["a"]\nshared = ["a/"]', 'cache.0 is a, and a is cached or shared already'],
    ['keep = 0', 'keep must be a whole number from 1 to 1000, not 0'],
    ['branch = "refs/heads/main"', 'none'],
    ['branch = "a b"', 'branch must be a branch\'s name, such as "main", not "a b"'],
    ['user = "app:app"', 'user must be a user\'s name, such as "app", not "app:app"'],
    ['signed = "true"', 'signed must be true or false, not "true"; did you mean true?'],
    ['lfs = 1', 'lfs must be true or false, not 1'],
  ];
  for (const [line, message] of cases) {
    const at = line.includes('\n"') ? 3 : 2;
    assert.equal(
      mistakeIn(`[deploy]\n${line}`),
      message === 'none' ? 'none' : `fleet.toml:${at}: deploy.${message}`,
    );
  }
});

test('keys that contradict each other are an error at the one that took effect last', () => {
  const cases: [toml: string, message: string, stage?: string][] = [
    [
      '[services.web]\nport = 80\norder = "start-first"',
      '3: services.web.order cannot be "start-first" with port = 80, which only one can have; leave out one of them',
    ],
    [
      '[services.web]\nport = 80\n[as.a]\nservices.web.order = "start-first"',
      '4: services.web.order cannot be "start-first" with port = 80, which only one can have; leave out one of them',
      'a',
    ],
    [
      '[services.web]\norder = "stop-first"\nreschedule = "5m"',
      '3: services.web.reschedule is for start-first only, and there is order = "stop-first"',
    ],
    [
      '[services.web]\nreschedule = "5m"\nport = 8',
      '2: services.web.reschedule is for start-first only, and there is port = 8, which makes it stop-first',
    ],
    [
      '[services.web]\nhealth = false\nhost = ["a.com"]',
      '3: services.web.host is for what is served, and health = false says that it is not',
    ],
    [
      '[services.web]\nhost = ["a.com/x"]\n[services.api]\ncommand = "x"\nhost = [\n"b.com",\n"A.com/x/"]',
      '7: services.api.host.1 is a.com/x, which services.web has already',
    ],
    ['[services.wbe]\ncount = 1', '1: services.wbe needs a command; did you mean services.web?'],
    [
      '\n[services.jobs]\ncount = 1',
      '2: services.jobs needs a command; write command = "…", or a line of the Procfile: jobs: COMMAND',
    ],
    [
      '[services."a b"]',
      '1: services."a b" has no valid name: a service\'s name is letters, digits, - and _, 30 at most',
    ],
    ['[as."pr/*"]', '1: as."pr/*" has no valid name: name a stage; * in it is anything'],
  ];
  for (const [toml, message, stage = null] of cases)
    assert.equal(mistakeIn(toml, 'web: x', stage), `fleet.toml:${message}`);
});

test('a mistake in the Procfile has its line there', () => {
  const cases: [string, string][] = [
    ['# web\r\n\r\nweb node', '3: not NAME: COMMAND; did you mean web: node?'],
    ['web = node server.js', '1: not NAME: COMMAND; did you mean web: node server.js?'],
    ['web:', '1: web has no command; write web: COMMAND'],
    ['web: a\nweb: b', '2: web is already in line 1'],
    ['release: a\nrelease: b', '2: release is already in line 1'],
    [
      `${'x'.repeat(31)}: a`,
      `1: ${'x'.repeat(31)} has no valid name: a service's name is letters, digits, - and _, 30 at most`,
    ],
    ['wörker: a', "1: wörker has no valid name: a service's name is letters, digits, - and _, 30 at most"],
    [
      '__proto__: a',
      "1: __proto__ has no valid name: a service's name is letters, digits, - and _, 30 at most",
    ],
  ];
  for (const [procfile, message] of cases) assert.equal(mistakeIn(null, procfile), `Procfile:${message}`);
});

test('a file that is too long is not read', () => {
  assert.equal(mistakeIn('#'.repeat(200_001)), 'fleet.toml:1: the file is longer than 200000 characters');
  assert.equal(mistakeIn('#'.repeat(200_000)), 'none');
});

test('a long key or value is a mistake like any other, in a short message', () => {
  assert.ok(mistakeIn(`${'a'.repeat(90_000)} = 1`).length < 200);
  assert.ok(mistakeIn(null, `${'a'.repeat(90_000)}: x`).length < 200);
  assert.ok(mistakeIn(null, `a = ${'a'.repeat(90_000)}`).length < 200);
  assert.match(mistakeIn(`${'a.'.repeat(90_000)}a = 1`), /^fleet\.toml:1: a is not a key/);
  assert.match(
    mistakeIn(`[services.web]\nhost = ["${'a'.repeat(150_000)}"]`),
    /^fleet\.toml:2: services\.web\.host\.0 must be/,
  );
});

test('the size of everything is limited to what an app can need', () => {
  const many = (count: number, write: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => write(i)).join('');
  assert.equal(
    mistakeIn(`deploy.cache = [${many(201, (i) => `"${i}",`)}]`),
    'fleet.toml:1: deploy.cache has 201 elements; 200 are the most',
  );
  assert.equal(
    mistakeIn(many(501, (i) => `env.A${i} = ""\n`)),
    'fleet.toml:1: env has 501 names; 500 are the most',
  );
  assert.equal(
    mistakeIn(
      null,
      many(501, (i) => `w${i}: x\n`),
    ),
    'Procfile:501: 500 services are the most',
  );
  assert.match(
    mistakeIn(`[${'a.'.repeat(50_000)}a]\n${many(8000, (i) => `b${i} = 1\n`)}`),
    /^fleet\.toml:1: a is not a key/,
  );
});

test('sections for other stages are checked too', () => {
  assert.equal(
    mistakeIn('[as."pr-*".services.web]\nport = 0', 'web: x'),
    'fleet.toml:2: as."pr-*".services.web.port must be a whole number from 1 to 65535, not 0',
  );
  const cases: [toml: string, message: string][] = [
    [
      '[as."pr-*"]\nservices.wbe.count = 1',
      '2: as."pr-*".services.wbe needs a command; did you mean services.web?',
    ],
    [
      '[as.a]\n[as.b.services.jobs]\ncount = 1',
      '2: as.b.services.jobs needs a command; write command = "…", or a line of the Procfile: jobs: COMMAND',
    ],
  ];
  for (const [toml, message] of cases) {
    for (const stage of [null, 'pr-1', 'c'])
      assert.equal(mistakeIn(toml, 'web: x', stage), `fleet.toml:${message}`);
  }
});

test('a section may have services of its own, and another one may change them', () => {
  const toml = '[as.a.services.mail]\ncommand = "x"\n[as."*".services]\nmail.count = 2\nweb.count = 3';
  for (const stage of [null, 'a']) assert.equal(mistakeIn(toml, 'web: x', stage), 'none');
});
