import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, isStale } from './build.mjs';
import { ROOT } from './paths.mjs';
import { Stage } from './stage.mjs';

const KEEP = process.argv.includes('--keep');
const APP = 'webapp';
const DRONES = ['web1', 'web2'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The whole story. Throws at the first step that went otherwise than it should. */
async function play(stage) {
  const secret = randomBytes(6).toString('hex');
  stage.tell(
    'A hub, and two drones that connect to it. On real servers each would be on a machine of its own.',
  );
  const hubCommand = ['fleet', 'hub', '--port=0', '--host=127.0.0.1', `--secret=${secret}`];
  const [[, port]] = await stage.start('hub', hubCommand, [
    /^control service listening on :(\d+)$/,
    /^git service/,
  ]);
  const hub = `--hub=127.0.0.1:${port}`;
  for (const name of DRONES) {
    const command = ['fleet', 'drone', hub, `--secret=${secret}`, `--name=${name}`, '--stop-on-exit'];
    await stage.start(name, command, [/^connected to the hub$/]);
  }

  stage.tell('An app: any git repository. It learns once where its hub is.');
  cpSync(join(ROOT, 'example', APP), stage.place(APP), { recursive: true });
  await stage.run(APP, ['git', 'init', '--quiet', '--initial-branch=main']);
  await stage.run(APP, ['git', 'config', 'user.name', 'Demo']);
  await stage.run(APP, ['git', 'config', 'user.email', 'demo@example.org']);
  await stage.run(APP, ['git', 'add', '.']);
  await stage.run(APP, ['git', 'commit', '--quiet', '-m', 'Version 1']);
  await stage.run(APP, ['fleet', 'remote', 'add', 'default', hub, `--secret=${secret}`]);

  stage.tell('Deploy the commit to every drone, and run it on both. The port 0 is any that is free.');
  const old = await release(stage);
  await stage.run(APP, ['fleet', 'ps'], running(old));
  const oldServers = await servers(stage, old);
  await ask(stage, oldServers, 1);

  stage.tell(
    'A change is a new commit. It is deployed into directories of its own, and runs beside the old one.',
  );
  const server = join(stage.place(APP), 'server.js');
  writeFileSync(server, readFileSync(server, 'utf8').replace('version 1', 'version 2'));
  await stage.run(APP, ['git', 'diff', '--unified=0', '--no-color', '--no-ext-diff'], /^\+.*version 2/m);
  await stage.run(APP, ['git', 'commit', '--quiet', '-a', '-m', 'Version 2']);
  const fresh = await release(stage);
  await stage.run(APP, ['fleet', 'ps'], running([...old, ...fresh]));
  const freshServers = await servers(stage, fresh);

  const before = await ask(stage, oldServers, 1);
  const after = await ask(stage, freshServers, 2);
  if (before.commit === after.commit) throw new Error('old and new are of the same commit');
  stage.tell('Old and new, side by side:');
  for (const name of DRONES) stage.say(`${name}  ${before.answers[name]}   ${after.answers[name]}`);
  if (KEEP) return;

  stage.tell('The old ones have served. Then all the rest.');
  await stage.run(APP, ['fleet', 'stop', ...old.map((one) => one.split('#')[1])], stopped(old));
  await stage.run(APP, ['fleet', 'stop', `--repo=${APP}`], stopped(fresh));
  await stage.run(APP, ['fleet', 'ps'], /^drone#web1\ndrone#web2\n$/);
}

/** Deploys HEAD and runs it on all drones; gives `DRONE#ID` of each. */
async function release(stage) {
  await stage.run(APP, ['fleet', 'deploy'], /^deployed webapp\/[0-9a-f]{40}$/m);
  const command = ['fleet', 'spawn', '--drone=*', '--env.HOST=127.0.0.1', '--', 'node', 'server.js', '0'];
  const output = await stage.run(APP, command, /^\(spawned web1#\w{6}\)\n\(spawned web2#\w{6}\)$/m);
  return [...output.matchAll(/\(spawned (.*)\)/g)].map(([, one]) => one);
}

/** The ports that processes say they listen on, by `DRONE#ID`. */
async function servers(stage, processes) {
  const ids = processes.map((one) => one.split('#')[1]);
  const all = new RegExp(processes.map((one) => `(?=[^]*\\[${one}\\] .* port \\d+)`).join(''));
  const output = await stage.runUntil(APP, ['fleet', 'logs', ...ids], all);
  return new Map([...output.matchAll(/^\[(.+?)\] .* port (\d+)$/gm)].map(([, one, port]) => [one, port]));
}

/** Asks each server over HTTP; gives what each drone's has answered, and the commit, which must be one. */
async function ask(stage, ports, version) {
  const right = new RegExp(`^webapp version ${version} \\(webapp/([0-9a-f]{40})\\)$`);
  const answers = {};
  const commits = new Set();
  for (const [one, port] of ports) {
    const text = (await (await fetch(`http://127.0.0.1:${port}/`)).text()).trim();
    stage.say(`GET http://127.0.0.1:${port}/ of ${one}: ${text}`);
    const commit = right.exec(text)?.[1];
    commits.add(commit);
    answers[one.split('#')[0]] = `:${port} webapp version ${version} (${commit?.slice(0, 7)})`;
  }
  const [commit] = commits;
  if (commits.size !== 1 || !commit) throw new Error(`not all servers are of version ${version}`);
  return { answers, commit };
}

/** What `fleet ps` must have for these processes: each of them running. */
function running(processes) {
  const each = processes.map((one) => `(?=[^]*pid#${one.split('#')[1]}\\n[^#]*status: +running)`);
  return new RegExp(`^drone#web1\\n${each.join('')}[^]*^drone#web2\\n`, 'm');
}

/** What `fleet stop` must say of these processes. */
function stopped(processes) {
  const each = processes.map(
    (one) => `(?=[^]*\\[${one.split('#')[0]}\\] stopped [\\w ]*${one.split('#')[1]})`,
  );
  return new RegExp(each.join(''));
}

function tellHowToTalk(stage) {
  stage.tell('All of it is still up. Talk to it:');
  stage.say(`cd ${stage.place(APP)}; PATH=${join(stage.dir, 'bin')}:$PATH`);
  stage.say('fleet ps; fleet monitor; fleet logs -f; fleet exec -- uname -a; fleet help');
  stage.tell('What the hub and the drones say is beside it, in hub.log, web1.log and web2.log. End it:');
  stage.say(stage.leave());
}

if (await isStale()) await build();
const stage = new Stage();
let interrupted = null;
const interruption = new Promise((_resolve, reject) => {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      interrupted ??= signal;
      reject(new Error(`${signal}: cleaning up`));
    });
  }
});
try {
  await Promise.race([play(stage), interruption]);
  if (KEEP) tellHowToTalk(stage);
  else stage.tell('Every step was right.');
} catch (error) {
  process.stderr.write(`\ndemo: ${error.message}\n`);
  process.exitCode = interrupted ? 130 : 1;
}
if (!KEEP || process.exitCode) await stage.end();
process.exit();
