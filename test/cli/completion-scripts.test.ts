import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { bashScript, fishScript, zshScript } from '../../src/cli/completion-scripts.ts';
import { makeDir } from './world.ts';

/** What bash offers for the last of the words, if `fleet completion words` prints what it was asked; `<files>` for files. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `${bashScript(COMMANDS)}
compopt() { [[ $2 != default ]] || echo '<files>'; }
fleet() { printf '%s\\n' "$3" "\${@:4}"; }
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; COMP_LINE='${words.join(' ').replaceAll(' = ', '=')}'
_fleet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.split('\n').filter(Boolean);
}

test('bash completes commands, subcommands and options', () => {
  assert.deepEqual(offered('fleet', 'de'), ['deploy']);
  assert.deepEqual(offered('fleet', 'deploy', '--com'), ['--commit=']);
  assert.deepEqual(offered('fleet', 'token', 'r'), ['rm']);
  assert.deepEqual(offered('fleet', 'spawn', '--env'), ['--env.', '--env-file=']);
  assert.deepEqual(offered('fleet', 'help', 'mon'), ['monitor']);
});

test('bash asks fleet for drones, ids and whatever else belongs there, at the hub that was typed', () => {
  const table: [string[], string[]][] = [
    [['stop', 'i'], ['ids']],
    [['stop', '--drone', '=', 'd'], ['drones']],
    [['stop', '--drones', ''], ['drones']],
    [['deploy', '--commit', '='], ['refs']],
    [['rollback', 'r'], ['releases']],
    [['scale', 's'], ['services']],
    [['logs', '--remote', '=', 'r'], ['remotes']],
    [['logs', '+r'], ['+remotes']],
    [['repos', 'rm', 'rep'], ['repos']],
    [['up', '--as', '='], ['stages']],
    [['env', 'unset', 'v'], ['variables']],
    [['env', 'uns'], ['unset']],
    [['scale', '--as', '=', 'pr-1', 's'], ['services']],
    [['env', 'get', '--as', '=', 'pr-1', 'v'], ['variables']],
    [
      ['label', ''],
      [
        '--hub=',
        '--secret=',
        '--secret-file=',
        '--remote=',
        '--ca=',
        '--fingerprint=',
        '--timeout=',
        '--help',
        'drones',
      ],
    ],
    [
      ['logs', '--as', '=', 'pr-1', '--service', '='],
      ['services', '--as=pr-1'],
    ],
    [
      ['ps', '+prod', '--drone', '='],
      ['drones', '+prod'],
    ],
    [
      ['ps', '--hub', '=', 'h:1', '--drone', '='],
      ['drones', '--hub=h:1'],
    ],
  ];
  for (const [words, expected] of table)
    assert.deepEqual(offered('fleet', ...words), expected, words.join(' '));
});

test('what an option names is completed with every command that has it', () => {
  const kinds: Record<string, string> = {
    commit: 'refs',
    service: 'services',
    as: 'stages',
    repo: 'repos',
    drone: 'drones',
  };
  for (const { name: command, options } of COMMANDS) {
    for (const { name, completes } of options)
      if (name in kinds) assert.equal(completes, kinds[name], `${command} --${name}`);
  }
});

test('fish completes + to the remotes', (t) => {
  const script = `${fishScript(COMMANDS)}
function fleet; test "$argv[3]" = remotes; and printf '%s\\n' default prod; end
complete -C 'fleet ps +'; complete -C 'fleet up +p'`;
  const { error, stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
  if (error) return t.diagnostic('there is no fish here');
  assert.deepEqual([stdout.split('\n'), stderr], [['+default', '+prod', '+prod', ''], '']);
});

test('bash offers files only where one belongs, and in the command that exec runs', () => {
  assert.deepEqual(offered('fleet', 'spawn', '--', 'ls', '--c'), ['<files>']);
  assert.deepEqual(offered('fleet', 'spawn', 'no'), ['<files>']);
  assert.deepEqual(offered('fleet', 'spawn', '--env-file', '=', '.'), ['<files>']);
  assert.deepEqual(offered('fleet', 'spawn', '--port', '='), ['auto']);
  for (const words of [
    ['stop', 'x'],
    ['stop', '--grace', '='],
    ['stop', '--grace', ''],
    ['deploy', 'x'],
    ['nope', 'x'],
  ])
    assert.deepEqual(offered('fleet', ...words), [], words.join(' '));
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
