import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findProgram, pathOf } from '../../../src/drone/processes/program.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('a program is found where the system would find it, and otherwise refused with the same reasons', (t) => {
  const dir = temporaryFolder(t);
  const make = (name: string, text: string, mode: number) => {
    writeFileSync(join(dir, name), text);
    chmodSync(join(dir, name), mode);
  };
  mkdirSync(join(dir, 'folder'));
  make('program', '\x7fELF', 0o755);
  make('script', '#! /bin/sh -e\n', 0o755);
  make('plain', 'text', 0o644);
  make('orphan', '#!/no/such/interpreter\n', 0o755);
  const path = `/no/such/folder:${dir}`;
  for (const file of ['program', 'script', './program', join(dir, 'program')]) findProgram([file], dir, path);
  findProgram(['sh'], dir);
  findProgram(['program'], dir, '');
  const refused: [string, string, RegExp][] = [
    ['gone', dir, /^spawn gone: not found$/],
    ['./plain', dir, /^spawn \.\/plain: not allowed to run it/],
    ['plain', dir, /^spawn plain: not allowed to run it/],
    ['./folder', dir, /^spawn \.\/folder: not found$/],
    ['./plain/below', dir, /^spawn \.\/plain\/below: not found$/],
    ['./orphan', dir, /^spawn \.\/orphan: not found$/],
    ['./program', join(dir, 'gone'), /^spawn \.\/program: there is no directory .*gone$/],
  ];
  for (const [file, cwd, message] of refused)
    assert.throws(() => findProgram([file], cwd, path), { code: 'ESPAWN', message });
  assert.equal(pathOf('script', path), join(dir, 'script'));
  assert.equal(pathOf('plain', path), null);
});
