// Sends requests to the instances of a service, in turn, as a balancer would, until standard input ends; then says how
// many were answered, and what the first failures were: node requests.mjs web
// `fleet status --json` says which instances are ready. It is asked again and again, so the app's fleet.toml lets an
// instance that leaves serve on for a moment: stop = { wait = "1s" }. If a connection is refused, nothing was sent, and
// the next instance gets the request.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const [service = 'web'] = process.argv.slice(2);
const run = promisify(execFile);
const answers = {};
const failures = [];
let ports = [];
let isOver = false;

async function readPorts() {
  // While the app is not all right, the exit status is 1, and the answer is there all the same.
  const { stdout } = await run('fleet', ['status', '--json']).catch((error) => error);
  const instances = JSON.parse(stdout).services[service].instances;
  ports = instances.filter(({ state }) => state === 'ready').map(({ port }) => port);
}

async function ask(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
    const answer = (await response.text()).trim();
    answers[answer] = (answers[answer] ?? 0) + 1;
    if (!response.ok) failures.push(`${port}: ${response.status}`);
  } catch (error) {
    if (error.cause?.code === 'ECONNREFUSED' && ports.length > 1) {
      ports = ports.filter((other) => other !== port);
      return ask(ports[0]);
    }
    failures.push(`${port}: ${error.cause?.message ?? error.message}`);
  }
}

async function poll() {
  while (!isOver) {
    await readPorts().catch((error) => failures.push(`fleet status: ${error.message}`));
    await sleep(100);
  }
}

process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
await readPorts();
const polling = poll();
for (let turn = 0; !isOver; turn++) {
  if (ports.length > 0) await ask(ports[turn % ports.length]);
  else failures.push('no instance was ready');
  await sleep(20);
}
await polling;
for (const [answer, count] of Object.entries(answers)) console.log(`${count} × ${answer}`);
console.log(`${failures.length} failed ${failures.slice(0, 5).join(', ')}`.trim());
process.exitCode = failures.length > 0 ? 1 : 0;
