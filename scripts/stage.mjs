import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './paths.mjs';

/** Milliseconds that each step of the demo may take. */
const LONGEST = 60_000;
const DIM = process.stdout.isTTY && !process.env.NO_COLOR ? ['\x1b[2m', '\x1b[22m'] : ['', ''];
const BOLD = process.stdout.isTTY && !process.env.NO_COLOR ? ['\x1b[1m', '\x1b[22m'] : ['', ''];

/** Where a demo plays: a temporary directory, the programs that run there, and what is said about them. */
export class Stage {
  dir = mkdtempSync(join(tmpdir(), 'fleet-demo-'));
  /** What runs until it is told to end: a hub, drones; by place. */
  #daemons = new Map();
  #env;
  #current;
  #over = false;

  constructor() {
    mkdirSync(join(this.dir, 'bin'));
    symlinkSync(join(ROOT, 'bin/fleet.js'), join(this.dir, 'bin/fleet'));
    // What this shell has set for fleet or git must not play a part.
    const kept = Object.entries(process.env).filter(([name]) => !/^(FLEET|GIT)_/.test(name));
    this.#env = {
      ...Object.fromEntries(kept),
      PATH: `${join(this.dir, 'bin')}${delimiter}${process.env.PATH}`,
    };
  }

  tell(text) {
    process.stdout.write(`\n${BOLD[0]}${text}${BOLD[1]}\n`);
  }

  say(line) {
    process.stdout.write(`${line}\n`);
  }

  /** The folder of a place, made when it is first named. */
  place(name) {
    const path = join(this.dir, name);
    if (!existsSync(path)) mkdirSync(path);
    return path;
  }

  /** Shows and runs a command, and gives its output. Throws where it fails, or says something else than expected. */
  async run(place, argv, expected = /^/) {
    this.#show(place, argv);
    const output = await this.#output(place, argv, process.stdout);
    this.#listenAll();
    if (!expected.test(output)) throw new Error(`expected ${expected} of: ${commandLine(argv)}`);
    return output;
  }

  /** Runs a command again and again, out of sight, until it says what is expected; then as `run`. */
  async runUntil(place, argv, expected) {
    const until = performance.now() + LONGEST;
    while (!expected.test(await this.#output(place, argv, null)) && performance.now() < until) {
      await sleep(100);
    }
    return this.run(place, argv, expected);
  }

  /** Starts a program that stays, in a folder of its own, and gives the match of each expected line, in order. */
  async start(place, argv, expected) {
    this.#show(place, argv);
    const file = join(this.dir, `${place}.log`);
    // A file and no pipe: the program may stay when this one has ended.
    const log = openSync(file, 'a+');
    const options = { cwd: this.place(place), env: this.#env, stdio: ['ignore', log, log], detached: true };
    const child = spawn(argv[0], argv.slice(1), options);
    this.#daemons.set(place, { child, log, lines: new Lines(log) });
    const matches = [];
    const until = performance.now() + LONGEST;
    while (matches.length < expected.length) {
      for (const line of this.#listen(place)) {
        const match = expected[matches.length]?.exec(line);
        if (match) matches.push(match);
      }
      if (hasEnded(child) || performance.now() > until) throw new Error(`${place} did not come up`);
      await sleep(20);
    }
    return matches;
  }

  /** Ends what runs, and removes the directory. */
  async end() {
    this.#over = true;
    this.#current?.kill();
    for (const [, { child, log }] of [...this.#daemons].reverse()) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (!hasEnded(child) && child.kill('SIGTERM')) await ended;
      closeSync(log);
    }
    this.#daemons.clear();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Leaves everything running behind this process. Gives the command that ends it. */
  leave() {
    const pids = [...this.#daemons.values()].map(({ child }) => child.pid).join(' ');
    for (const { child } of this.#daemons.values()) child.unref();
    const script = join(this.dir, 'end');
    writeFileSync(
      script,
      `kill ${pids}\nwhile kill -0 ${pids} 2>/dev/null; do sleep 0.1; done\nrm -r ${this.dir}\n`,
    );
    return `sh ${script}`;
  }

  #show(place, argv) {
    if (this.#over) throw new Error('the demo is over');
    this.#listenAll();
    process.stdout.write(`${BOLD[0]}${place}$ ${commandLine(argv)}${BOLD[1]}\n`);
  }

  #listenAll() {
    for (const place of this.#daemons.keys()) this.#listen(place);
  }

  /** Shows what a daemon has said since, and gives its lines. */
  #listen(place) {
    const lines = this.#daemons.get(place).lines.read();
    for (const line of lines) process.stdout.write(`${DIM[0]}${place} | ${line}${DIM[1]}\n`);
    return lines;
  }

  #output(place, argv, shown) {
    return new Promise((resolve, reject) => {
      const stdio = ['ignore', 'pipe', shown ? 'inherit' : 'ignore'];
      const child = spawn(argv[0], argv.slice(1), {
        cwd: this.place(place),
        env: this.#env,
        stdio,
        timeout: LONGEST,
      });
      this.#current = child;
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output += text;
        shown?.write(text);
      });
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0 || !shown) resolve(output);
        else reject(new Error(`exit status ${code} of: ${commandLine(argv)}`));
      });
    });
  }
}

/** The lines of a file that grows. */
class Lines {
  #rest = '';
  #at = 0;

  constructor(file) {
    this.file = file;
  }

  read() {
    const buffer = Buffer.alloc(65_536);
    const size = readSync(this.file, buffer, 0, buffer.length, this.#at);
    this.#at += size;
    const lines = (this.#rest + buffer.toString('utf8', 0, size)).split('\n');
    this.#rest = lines.pop();
    return lines;
  }
}

const hasEnded = ({ exitCode, signalCode }) => exitCode !== null || signalCode !== null;

/** As one would type it: only what needs quotes gets them. */
function commandLine(argv) {
  return argv.map(quoted).join(' ');
}

function quoted(word) {
  const [, option = '', value] = /^(--[\w.-]+=)?(.*)$/s.exec(word);
  return option + (/^[\w@%+=:,./#-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
}
