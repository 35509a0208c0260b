import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { bashScript, fishScript, zshScript } from '../../src/cli/completion-scripts.ts';
import { makeDir } from './world.ts';

/** What bash offers for the last of the words. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `${bashScript(COMMANDS)}
compopt() { :; }
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _fleet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.split('\n').filter(Boolean);
}

test('bash completes commands, subcommands and options', () => {
  assert.deepEqual(offered('fleet', 'de'), ['deploy']);
  assert.deepEqual(offered('fleet', 'deploy', '--com'), ['--commit=']);
  assert.deepEqual(offered('fleet', 'remote', 'r'), ['rm']);
  assert.deepEqual(offered('fleet', 'spawn', '--env'), ['--env.']);
  assert.deepEqual(offered('fleet', 'help', 'mon'), ['monitor']);
});

test('bash does not complete words of the command that exec runs', () => {
  assert.deepEqual(offered('fleet', 'spawn', '--', 'ls', '--c'), []);
});

test('each shell accepts its script', (t) => {
  const dir = makeDir(t);
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  for (const [shell, script] of Object.entries(scripts)) {
    const file = join(dir, shell);
    writeFileSync(file, script(COMMANDS));
    const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    if (error) t.diagnostic(`there is no ${shell} here: its script was not checked`);
    else assert.deepEqual([status, stderr], [0, ''], shell);
  }
});
