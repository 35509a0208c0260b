import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DroneIdentity, loadIdentity, saveIdentity } from '../../src/drone/identity.ts';

const ME = { identity: 'a'.repeat(32), wanted: 'web', name: 'web-1' };
let dir: string;
let problems: string[];
const file = () => join(dir, 'drone.json');
const load = () => loadIdentity(dir, (line) => problems.push(line));

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  problems = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a drone is the same after a restart; without a file it is a new one until it is saved', () => {
  assert.notEqual(load().identity, load().identity);
  saveIdentity(dir, ME);
  assert.deepEqual(load(), ME);
  assert.deepEqual(problems, []);
});

test('keys of a newer fleet are kept, and an invalid name is dropped', () => {
  writeFileSync(file(), JSON.stringify({ ...ME, name: '../x', zone: 'b' }));
  const loaded = load();
  assert.equal(loaded.name, undefined);
  saveIdentity(dir, { ...loaded, name: 'web-2' });
  assert.deepEqual(JSON.parse(readFileSync(file(), 'utf8')), { ...ME, name: 'web-2', zone: 'b' });
  assert.deepEqual(problems, []);
});

test('a file that is cut off after the identity is still the same drone, which is how it recognizes its processes', () => {
  const text = `${JSON.stringify(ME, null, 2)}\n`;
  writeFileSync(file(), text.slice(0, text.indexOf('"wanted"')));
  assert.deepEqual(load(), { identity: ME.identity });
  assert.match(problems.join(), /drone.json was damaged and is now .*drone.json.broken; all but the name/);
});

for (const [name, text] of [
  ['empty', ''],
  ['full of zeros', '\0'.repeat(80)],
  ['cut before the identity', '{"ident'],
  ['something else', '[1]'],
] as const) {
  test(`a file that is ${name} makes a new drone, and is kept beside the previous damaged one`, () => {
    writeFileSync(`${file()}.broken`, 'an older one');
    writeFileSync(file(), text);
    assert.match(load().identity, /^[0-9a-f]{32}$/);
    assert.match(problems.join(), /this drone joins as a new one/);
    assert.equal(readFileSync(`${file()}.broken`, 'utf8'), 'an older one');
    assert.equal(readFileSync(`${file()}.broken-1`, 'utf8'), text);
    assert.equal(existsSync(file()), false);
  });
}

test('what is saved already is not written again, so a drone starts on a full disk', () => {
  saveIdentity(dir, ME);
  const { ino } = statSync(file());
  saveIdentity(dir, load());
  assert.equal(statSync(file()).ino, ino);
});

test('a newly requested name wins over the one that the hub assigned; the hub has the last word', () => {
  saveIdentity(dir, ME);
  const made = (wanted?: string) => new DroneIdentity(dir, wanted, (line) => problems.push(line));
  assert.equal(made().name, 'web-1');
  assert.equal(made('web').name, 'web-1', 'it is the same wish as before');
  const asked = made('db');
  assert.equal(asked.name, 'db');
  asked.rename('db-1');
  assert.equal(made('db').name, 'db-1');
  const { home: _, ...saved } = load();
  assert.deepEqual(saved, { identity: ME.identity, wanted: 'db', name: 'db-1' });
});

test('a name that cannot be saved is a warning, an identity that cannot be saved is an error', () => {
  saveIdentity(dir, ME);
  const gone = new DroneIdentity(dir, undefined, (line) => problems.push(line));
  rmSync(dir, { recursive: true });
  gone.rename('web-2');
  assert.equal(gone.name, 'web-2');
  assert.match(problems.join(), /cannot write/);
  assert.throws(() => new DroneIdentity(dir, undefined, () => {}), { code: 'EIO' });
});

test('a FIFO in place of the identity is put aside, and does not hold up the start', () => {
  execFileSync('mkfifo', [file()]);
  assert.match(load().identity, /^[0-9a-f]{32}$/);
  assert.deepEqual(problems, [
    `${file()} was damaged and is now ${file()}.broken; this drone joins as a new one`,
  ]);
});
