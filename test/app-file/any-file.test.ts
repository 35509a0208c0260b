import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAppFile } from '../../src/app-file/app-file.ts';
import { DEPLOY } from '../../src/app-file/deploy-keys.ts';
import { HEALTH, MAX_RESTARTS, SERVICE, STOP } from '../../src/app-file/service-keys.ts';
import { FLEET_TOML_PAGE } from '../../src/cli/fleet-toml-page.ts';
import { FleetError } from '../../src/protocol/errors.ts';

const names = (keys: object) => fc.constantFrom(...Object.keys(keys));
const KEY = fc.oneof(
  names(DEPLOY.keys).map((key) => `deploy.${key}`),
  fc
    .tuple(fc.constantFrom('web', '1', 'constructor'), names(SERVICE.keys))
    .map(([name, key]) => `services.${name}.${key}`),
  names(HEALTH.keys).map((key) => `services.web.health.${key}`),
  names(STOP.keys).map((key) => `services.web.stop.${key}`),
  names(MAX_RESTARTS.keys).map((key) => `services.web.max-restarts.${key}`),
  fc.constantFrom('env.A', 'env', 'services', 'deploy', 'as', 'services.web', 'deploy.release.on'),
);
const VALUE = fc.constantFrom(
  ...[
    '1',
    '0',
    '1.5',
    'nan',
    'true',
    'false',
    '""',
    '"x"',
    '"/up"',
    '"10s"',
    '"512M"',
    '"25%"',
    '"each"',
    '"start-first"',
  ],
  ...[
    '"stop-first"',
    '"SIGINT"',
    '["x"]',
    '["x/"]',
    '["a=b"]',
    '["{app}.x"]',
    '[[]]',
    '[]',
    '{}',
    '{ A = "1" }',
    '1979-05-27',
  ],
);
const LINE = fc
  .tuple(fc.constantFrom('', '', 'as."a*".', 'as.ab.'), KEY, VALUE)
  .map(([section, key, value]) => `${section}${key} = ${value}`);

test('any file is either read, or its mistake has a line', () => {
  const outcomes = { read: 0, wrong: 0 };
  fc.assert(
    fc.property(
      fc.array(LINE, { maxLength: 6 }),
      fc.constantFrom(null, 'web: x', 'web: x\n1: y\nrelease: z\nconstructor: c'),
      fc.constantFrom(null, 'ab', 'b'),
      (lines, procfile, stage) => {
        try {
          const { services } = parseAppFile({ toml: lines.join('\n'), procfile, stage });
          for (const { at } of services) assert.match(at, /^(?:Procfile|fleet\.toml):[1-6]$/);
          outcomes.read++;
        } catch (error) {
          assert.ok(error instanceof FleetError, String(error));
          assert.match(error.message, /^(?:Procfile|fleet\.toml):[1-6]: /);
          outcomes.wrong++;
        }
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(outcomes.read > 100 && outcomes.wrong > 100, JSON.stringify(outcomes));
});

test("the manual page's example is valid", () => {
  for (const [, toml] of FLEET_TOML_PAGE.examples) {
    const { services } = parseAppFile({ toml, procfile: null, stage: 'pr-1' });
    assert.deepEqual(
      services.map(({ name, count }) => [name, count]),
      [
        ['web', 2],
        ['worker', 1],
      ],
    );
  }
});
