import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLEET, Fleet } from '../fleet.mjs';
import { plainLine } from '../line.mjs';
import { cpuSeconds } from '../proc.mjs';
import { deployedApp } from '../repository.mjs';

const PROCESSES = 100;
const EACH = 500;
/** Prints lines of 80 bytes forever, 500 a second in 10 bursts. */
const PRINT = `$|=1; my $n=0; my $t=time; while(1){ my $s=''; for(1..${EACH / 10}){ $s.=sprintf("%079d\\n",++$n) } print $s; select(undef,undef,undef,($t+$n/${EACH})-time) }`;
const WRITER = ['perl', '-MTime::HiRes=time', '-e', PRINT];

/** 100 processes that together print 50,000 lines a second, watched by one monitor, and by `tail -f` of files. */
export async function measure(stage) {
  const seconds = stage.quick ? 4 : 10;
  const tail = await tailed(stage, seconds);
  const fleet = await Fleet.start(stage, { drones: 1 });
  const app = await deployedApp(stage, fleet);
  const client = await fleet.connect();
  stage.later(() => client.close());
  for (let at = 0; at < PROCESSES; at++) await client.spawn({ ...app.release, command: WRITER });
  const monitor = spawn(FLEET[0], [FLEET[1], 'monitor'], {
    ...fleet.client(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stage.later(() => monitor.kill());
  const pids = { hub: fleet.hub.pid, drone: fleet.drones[0].pid, monitor: monitor.pid };
  const seen = await watch(monitor, seconds, pids);
  const part = Object.entries(seen.cores).map(([name, cores]) => `${name} ${cores.toFixed(2)}`);
  const written = PROCESSES * EACH;
  return [
    plainLine({
      what: '`fleet monitor` of 100 processes, 50,000 lines/s: hub, drone and client together',
      floor: '`tail -f` of 100 files',
      unit: 's',
      ours: [seen.total],
      floors: [tail.total],
      goal: 'keeps up, hub < 0.5 core',
      met: seen.rate > written * 0.97 && seen.dropped === 0 && seen.cores.hub < 0.5,
      notes: [
        `${Math.round(seen.rate).toLocaleString('en-US')} lines/s received, ${seen.dropped} dropped; cores: ${part.join(', ')}; tail ${tail.cores.tail.toFixed(2)}. Times are processor time over ${seconds} s.`,
      ],
    }),
  ];
}

/** The same writers with files as their output, and `tail -f` of all files. */
async function tailed(stage, seconds) {
  const dir = stage.place('files');
  mkdirSync(dir, { recursive: true });
  const files = Array.from({ length: PROCESSES }, (_, at) => `${dir}/${at}`);
  const writers = files.map((file) => {
    const log = openSync(file, 'a');
    return spawn(WRITER[0], WRITER.slice(1), { stdio: ['ignore', log, log] });
  });
  const tail = spawn('tail', ['-q', '-n', '0', '-f', ...files], { stdio: ['ignore', 'pipe', 'ignore'] });
  const end = () => {
    for (const child of [tail, ...writers]) child.kill('SIGKILL');
  };
  stage.later(end);
  const seen = await watch(tail, seconds, { tail: tail.pid });
  end();
  return seen;
}

/** Counts the lines that a reader prints in a number of seconds, and the processor time of some processes meanwhile. */
async function watch(reader, seconds, pids) {
  let lines = 0;
  let dropped = 0;
  reader.stdout.on('data', (chunk) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    for (const [, count] of chunk.toString('latin1').matchAll(/^… ([\d,]+) lines? dropped/gm))
      dropped += Number(count.replaceAll(',', ''));
  });
  await sleep(2000);
  const used = () => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
  const [before, linesBefore, from] = [used(), lines, performance.now()];
  await sleep(seconds * 1000);
  const [after, took] = [used(), (performance.now() - from) / 1000];
  const spent = Object.keys(pids).map((name) => [name, after[name] - before[name]]);
  return {
    rate: (lines - linesBefore) / took,
    dropped,
    total: spent.reduce((sum, [, cpu]) => sum + cpu, 0),
    cores: Object.fromEntries(spent.map(([name, cpu]) => [name, cpu / took])),
  };
}
