import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcfile } from '../../src/app-file/procfile.ts';

test('each line is a name and a command; comments and empty lines are not, and keep their numbers', () => {
  assert.deepEqual(
    parseProcfile('\ufeffweb: node web.js --a:b\r\n\n# worker: x\n  worker :  node worker.js  \n'),
    [
      { name: 'web', command: 'node web.js --a:b', line: 1 },
      { name: 'worker', command: 'node worker.js', line: 4 },
    ],
  );
  assert.deepEqual(parseProcfile(''), []);
});

for (const [text, message] of [
  ['web node web.js', 'Procfile:1: not NAME: COMMAND; did you mean web: node web.js?'],
  ['web', 'Procfile:1: not NAME: COMMAND'],
  ['web = node web.js', 'Procfile:1: not NAME: COMMAND; did you mean web: node web.js?'],
  ['\nweb:', 'Procfile:2: web has no command; write web: COMMAND'],
  ['web: a\nweb: b', 'Procfile:2: web is already in line 1'],
] as const) {
  test(`${JSON.stringify(text)} is a mistake: ${message}`, () => {
    assert.throws(() => parseProcfile(text), { code: 'ECONFIG', message });
  });
}

test('a name that no service can have is said with what names are', () => {
  assert.throws(() => parseProcfile('we/b: x'), {
    code: 'ECONFIG',
    message: /^Procfile:1: we\/b has no valid name: /,
  });
});
