import { spawn } from 'node:child_process';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { messageOf } from '../../protocol/errors.ts';
import type { HealthCheck } from '../../protocol/instance.ts';
import { killGroup } from '../../system/process-group.ts';
import { accountFor, commandAs } from '../processes/user.ts';

/** What a check needs to know of an instance. */
export interface Checked {
  port: number;
  health: HealthCheck;
  /** Where a command runs, and its environment. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Who runs the command; null for the drone's own user. */
  user: string | null;
  /** Aborts when nobody waits for the outcome: a command that runs is ended. */
  signal: AbortSignal;
}

/**
 * Returns why an instance is not healthy, or could not be checked; null if it is healthy. Its port comes first, then
 * its path or command. Never rejects.
 */
export async function check(checked: Checked): Promise<string | null> {
  const { port, health } = checked;
  try {
    const unconnected = await checkPort(port, health.timeoutMs);
    if (unconnected !== null) return unconnected;
    if (health.path !== null) return await checkPath(port, health, health.path);
    return health.command === null ? null : await checkCommand(health.command, checked);
  } catch (error) {
    return `could not be checked: ${messageOf(error)}`;
  }
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
    socket.once('error', (error) => end(connectionText(port, error)));
  });
}

/** Returns why a port cannot be connected to. */
export function connectionText(port: number, error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return `nothing listens on :${port}`;
  // If several addresses were tried, the error is one without a message around theirs.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return `:${port} cannot be connected to: ${messageOf(first)}`;
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
    request.on('error', (error) => end(`GET ${path} failed: ${error.message}`));
  });
}

async function checkCommand(
  command: readonly string[],
  { health: { timeoutMs }, cwd, env, user, signal }: Checked,
): Promise<string | null> {
  const [file = '', ...args] = commandAs(await accountFor(user), command);
  if (signal.aborted) return 'is not checked any more';
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: 'ignore' });
    const give = (why: string | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
      killGroup(child.pid); // With all that it has started.
      resolve(why);
    };
    const abandon = () => give('is not checked any more');
    const timer = setTimeout(() => give(`the check took longer than ${timeoutMs / 1000}s`), timeoutMs);
    signal.addEventListener('abort', abandon, { once: true });
    child.once('error', (error) => give(`the check could not be started: ${error.message}`));
    child.once('exit', (code, by) => give(code === 0 ? null : `the check ${outcomeText(code, by)}`));
  });
}

const outcomeText = (code: number | null, signal: NodeJS.Signals | null) =>
  signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
