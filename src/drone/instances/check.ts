import { spawn } from 'node:child_process';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheck } from '../../protocol/instance.ts';

/** What a check needs to know of an instance. */
export interface Checked {
  port: number;
  health: HealthCheck;
  /** Where a command runs, and its environment. */
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** Returns why an instance is not healthy; null if it is. Its port comes first, then its path or command. */
export async function check({ port, health, cwd, env }: Checked): Promise<string | null> {
  const unconnected = await checkPort(port, health.timeoutMs);
  if (unconnected !== null) return unconnected;
  if (health.path !== null) return checkPath(port, health, health.path);
  return health.command === null ? null : checkCommand(health.command, health.timeoutMs, cwd, env);
}

function checkPort(port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost', autoSelectFamily: true });
    const end = (why: string | null) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(timeoutMs, () => end(`:${port} does not accept connections`));
    socket.once('connect', () => end(null));
    socket.once('error', () => end(`nothing listens on :${port}`));
  });
}

function checkPath(port: number, { host, timeoutMs }: HealthCheck, path: string): Promise<string | null> {
  const headers = {
    Host: host,
    'X-Forwarded-Proto': 'https',
    'User-Agent': 'fleet-health',
    Connection: 'close',
  };
  return new Promise((resolve) => {
    const request = get({ host: 'localhost', port, path, headers, agent: false });
    const timer = setTimeout(() => {
      request.destroy();
      resolve(`GET ${path} was not answered within ${timeoutMs / 1000}s`);
    }, timeoutMs);
    const end = (why: string | null) => {
      clearTimeout(timer);
      resolve(why);
    };
    request.once('response', (response: IncomingMessage) => {
      const { statusCode = 0 } = response;
      response.destroy();
      end(statusCode >= 200 && statusCode < 400 ? null : `GET ${path} answered ${statusCode}`);
    });
    request.once('error', (error) => end(`GET ${path} failed: ${error.message}`));
  });
}

function checkCommand(
  [file = '', ...args]: readonly string[],
  timeoutMs: number,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: 'ignore' });
    const timer = setTimeout(() => {
      kill(child.pid);
      resolve(`the check took longer than ${timeoutMs / 1000}s`);
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(`the check could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      kill(child.pid);
      resolve(
        code === 0
          ? null
          : `the check ${signal === null ? `exited with code ${code}` : `was ended by ${signal}`}`,
      );
    });
  });
}

/** Ends a check with all that it has started. */
function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}
