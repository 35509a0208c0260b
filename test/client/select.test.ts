import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostDrones, namesForLabels, parseProcess, selectDrones } from '../../src/client/select.ts';

const drones = [
  { name: 'web1', lost: null, version: '1.0.0' },
  { name: 'web2', lost: null, version: '1.0.0' },
  { name: 'db', lost: null, version: '1.0.0' },
  { name: 'old', lost: 40, version: '1.0.0' },
];

test('a selector is a name, a star, or a regular expression', () => {
  assert.deepEqual(selectDrones(['web1'], drones), ['web1']);
  assert.deepEqual(selectDrones(['*'], drones), ['db', 'web1', 'web2']);
  assert.deepEqual(selectDrones(['/^WEB/i'], drones), ['web1', 'web2']);
  assert.deepEqual(selectDrones(['/web1/g', 'db', 'db'], drones), ['db', 'web1']);
});

test('a selector with = is a label, of which key and value must match', () => {
  const labelled = [
    { name: 'web1', lost: null, version: '1.0.0', labels: { role: 'web', 'a/b': 'x=y' } },
    { name: 'web2', lost: null, version: '1.0.0', labels: { role: 'web', empty: '' } },
    { name: 'db', lost: null, version: '1.0.0', labels: { role: 'db' } },
    { name: 'old', lost: 40, version: '1.0.0', labels: { role: 'web' } },
    { name: 'bare', lost: null, version: '1.0.0' },
  ];
  assert.deepEqual(selectDrones(['role=web'], labelled), ['web1', 'web2']);
  assert.deepEqual(selectDrones(['a/b=x=y'], labelled), ['web1']);
  assert.deepEqual(selectDrones(['empty='], labelled), ['web2']);
  assert.deepEqual(selectDrones(['role=db', '/^web1/'], labelled), ['db', 'web1']);
  assert.deepEqual(lostDrones(['role=web'], labelled), { old: 40 });
  assert.deepEqual(namesForLabels(['db', 'role=web', '*'], labelled), ['db', 'web1', 'web2', 'old', '*']);
  assert.throws(() => selectDrones(['role=wbe'], labelled), {
    code: 'ENODRONE',
    message: 'no drone has the label role=wbe; there are: a/b=x=y, empty=, role=db, role=web',
  });
  assert.throws(() => selectDrones(['toString=x'], drones), /there are: only drones without labels$/);
});

test('a selector that matches nothing lists the existing drones', () => {
  assert.throws(() => selectDrones(['web1', 'wbe2'], drones), {
    code: 'ENODRONE',
    message: "no drone matches 'wbe2'; there are: web1, web2, db",
  });
  assert.throws(() => selectDrones(['old'], drones), /not connected \(lost 40s ago\)/);
  assert.throws(() => selectDrones(['*'], []), /no drones are connected/);
  assert.throws(() => selectDrones(['/(/'], drones), { code: 'EUSAGE' });
});

test('a shell pattern gets a hint how to write it', () => {
  const cases: [string, string][] = [
    ['web*', '/^web/'],
    ['*1', '/1$/'],
    ['w?b1.x', '/^w.b1\\.x$/'],
  ];
  for (const [selector, regex] of cases) {
    const hint = `a pattern is a regular expression: --drone='${regex}'`;
    assert.throws(() => selectDrones([selector], drones), {
      code: 'ENODRONE',
      message: `no drone matches '${selector}'; there are: web1, web2, db; ${hint}`,
    });
  }
  assert.deepEqual(selectDrones(['/^web/'], drones), ['web1', 'web2']);
});

test('a process is named by its id, with or without its drone', () => {
  assert.deepEqual(parseProcess('1e99f4'), { drone: null, id: '1e99f4' });
  assert.deepEqual(parseProcess('pid#1e99f4'), { drone: null, id: '1e99f4' });
  assert.deepEqual(parseProcess('web1#1e99f4'), { drone: 'web1', id: '1e99f4' });
  for (const wrong of ['1e99f', 'pid#', '1E99F4', '', '-1', 'a#b#1e99f4']) {
    assert.throws(() => parseProcess(wrong), { code: 'ENOPROCESS' }, wrong);
  }
});
