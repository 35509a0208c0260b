import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { basicAuth } from '../protocol/authorization.ts';
import { COMMIT_PATTERN } from '../protocol/names.ts';
import { regularText } from '../system/regular-file.ts';
import { writeCrashSafe } from '../system/write-whole.ts';
import type { HubRemote } from './remote.ts';
import { SILENCE_S } from './remote.ts';
import { gitInGroup } from './run-group.ts';
import { bandOne, DELIMITER, FLUSH, packet } from './side-band.ts';

/** How many commits the hub is told of that are here; git's own fetch begins with as many. */
const MAX_HAVES = 256;
/** From this many objects on, git keeps a pack as it is: the default of fetch.unpackLimit. */
const UNPACK_LIMIT = 100;
/** A pack begins with `PACK`, its version, and the number of its objects (gitformat-pack(5)). */
const PACK_HEAD_BYTES = 12;

export interface QuickFetch {
  /** The whole environment of git. */
  env: Record<string, string>;
  signal: AbortSignal;
  /** Gets chunks of what git prints about its progress. */
  onError(chunk: Buffer): void;
}

/**
 * Fetches a commit into a mirror that has earlier ones of the repository, and sets the ref that keeps it: one request, and
 * one git that writes the objects, instead of five gits. Returns false if that is not possible here, or fails: then
 * `git fetch` is to be tried, which also says what is wrong. Throws the signal's reason.
 */
export async function quickFetch(
  mirror: string,
  hub: HubRemote,
  repo: string,
  commit: string,
  { env, signal, onError }: QuickFetch,
): Promise<boolean> {
  if (!hub.url.startsWith('http:') || existsSync(join(mirror, 'shallow'))) return false;
  try {
    const haves = await newestCommits(mirror);
    if (haves.length === 0) return false;
    const answer = await ask(hub, repo, question(commit, haves), signal);
    const pieces = bandOne(answer);
    if (String((await pieces.next()).value) !== 'packfile\n') return false;
    await store(mirror, commit, pieces, { env, signal, onError });
    mkdirSync(join(mirror, 'refs/fleet'), { recursive: true });
    writeCrashSafe(join(mirror, 'refs/fleet', commit), `${commit}\n`);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Returns the newest commits that the mirror has with their history, in an order that is the same on each drone. */
async function newestCommits(mirror: string): Promise<string[]> {
  const fleet = join(mirror, 'refs/fleet');
  const loose = existsSync(fleet) ? readdirSync(fleet).filter((name) => COMMIT_PATTERN.test(name)) : [];
  const packed = (await regularText(join(mirror, 'packed-refs'))) ?? '';
  const older = [...packed.matchAll(/^([0-9a-f]{40}) refs\/fleet\/\1$/gm)].map(([, name = '']) => name);
  if (loose.length > MAX_HAVES) {
    const times = new Map(loose.map((name) => [name, statSync(join(fleet, name)).mtimeMs]));
    loose.sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0));
  }
  return [...new Set([...loose, ...older])].slice(0, MAX_HAVES).sort();
}

/** Asks for what a commit has and these have not: gitprotocol-v2(5), `fetch`. */
function question(commit: string, haves: readonly string[]): Buffer {
  const words = ['thin-pack', 'no-progress', 'ofs-delta', 'sideband-all', `want ${commit}`];
  const lines = [...words, ...haves.map((have) => `have ${have}`), 'done'];
  return Buffer.concat([
    packet('command=fetch\n'),
    DELIMITER,
    ...lines.map((line) => packet(`${line}\n`)),
    FLUSH,
  ]);
}

function ask(hub: HubRemote, repo: string, body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: basicAuth(hub.secret),
      'Content-Type': 'application/x-git-upload-pack-request',
      'Content-Length': body.length,
      'Git-Protocol': 'version=2',
    };
    const url = `${hub.url}/${repo}.git/git-upload-pack`;
    const asked = request(url, { method: 'POST', headers, agent: false, signal });
    const silenceMs = (hub.timeout ?? SILENCE_S) * 1000;
    asked.setTimeout(silenceMs, () => asked.destroy(new Error('the hub is silent')));
    asked.once('error', reject).once('response', (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      answer.destroy();
      reject(new Error(`the hub answered with ${answer.statusCode}`));
    });
    asked.end(body);
  });
}

/** Has git write the objects of a pack, if all that they refer to is there, too. */
async function store(
  mirror: string,
  commit: string,
  pieces: AsyncGenerator<Buffer>,
  options: QuickFetch,
): Promise<void> {
  let head = Buffer.alloc(0);
  while (head.length < PACK_HEAD_BYTES) {
    const { value, done } = await pieces.next();
    if (done) throw new Error('the pack is cut off');
    head = Buffer.concat([head, value]);
  }
  const isSmall = head.readUInt32BE(8) < UNPACK_LIMIT;
  const words = isSmall ? ['unpack-objects', '--strict'] : ['index-pack', '--stdin', '--fix-thin', '-v'];
  const input = Readable.from(following(head, pieces));
  await gitInGroup(mirror, ['--git-dir', mirror, ...words], { ...options, input });
  if (isSmall) return;
  const check = ['rev-list', '--objects', '--quiet', commit, '--not', '--all'];
  await gitInGroup(mirror, ['--git-dir', mirror, ...check], options);
}

async function* following(head: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* pieces;
}
