import { parseAppName } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Key } from './keys.ts';
import {
  grouped,
  isObject,
  list,
  optional,
  type Records,
  type Section,
  single,
  table,
  timeline,
} from './section.ts';

/** A file in which a hub keeps records. */
export interface FileLayout {
  /** Relative to the hub's directory. */
  path: string;
  /** True if the file is one record. */
  isRecord: boolean;
  /** What whoever moves it away gets. */
  afresh: string;
  /** Returns the records in its JSON, by key; null if no hub wrote that. */
  records(read: unknown): Records | null;
  /**
   * Returns its JSON. `before` is what it was, undefined if there is no file yet; of that, all is kept but records of kinds in
   * `changed`.
   */
  json(records: Records, before: unknown, changed: ReadonlySet<string>): unknown;
}

/** Each app has a file of its own in this folder. */
const APP = { kind: 'app', folder: 'apps', suffix: '.json' };

const FILES: readonly { kinds: readonly string[]; layout: FileLayout }[] = [
  sectioned('hub.json', 'to start afresh', { version: 1 }, [
    grouped('drones', 'drones'),
    timeline('deployed', 'deployed', 'repo'),
    single('events', 'events'),
  ]),
  sectioned('tokens.json', 'to start without tokens', {}, [list('token', 'tokens', 'name')]),
  sectioned('drone-keys.json', 'to start without keys of drones', {}, [list('drone-key', 'keys', 'name')]),
  sectioned('certificates.json', 'to order certificates anew', {}, [
    optional(table('account', 'accounts')),
    optional(table('certificate', 'hosts')),
    single('certificate-order', 'order'),
  ]),
  {
    kinds: ['secret'],
    layout: recordFile('secret.json', 'secret', 'to take the secret that the hub is started with'),
  },
];

/** What several hubs share, by prefixes: all but the numbers of a hub's own events. */
export const SHARED_PREFIXES = [
  'app.',
  'drones.',
  'deployed.',
  'token.',
  'drone-key.',
  'account.',
  'certificate.',
  'certificate-order',
  'secret',
];

/** Returns the file that a record is in. Throws EINTERNAL if there can be none. */
export function layoutOf({ kind, name }: Key): FileLayout {
  if (kind === APP.kind && name !== null && parseAppName(name))
    return recordFile(`${APP.folder}/${name}${APP.suffix}`, `${kind}.${name}`, 'to begin the app afresh');
  const file = FILES.find(({ kinds }) => kinds.includes(kind));
  if (file) return file.layout;
  throw new FleetError('EINTERNAL', `no file is for ${kind}.${name ?? ''}`);
}

/** Returns the folder with the records of a kind that have a file each; null for others. */
export function folderOf(kind: string): string | null {
  return kind === APP.kind ? APP.folder : null;
}

/** Returns the name of the record in a file of such a folder; null if none is in it. */
export function nameInFolder(file: string): string | null {
  if (!file.endsWith(APP.suffix)) return null;
  const name = file.slice(0, -APP.suffix.length);
  return parseAppName(name) ? name : null;
}

function recordFile(path: string, key: string, afresh: string): FileLayout {
  return {
    ...{ path, afresh, isRecord: true },
    records: (read) => (isObject(read) ? new Map([[key, read]]) : null),
    json: (records) => records.get(key),
  };
}

function sectioned(path: string, afresh: string, empty: object, sections: readonly Section[]) {
  const layout: FileLayout = {
    ...{ path, afresh, isRecord: false },
    records(read) {
      if (!isObject(read)) return null;
      const all = sections.map(({ field, records }) => records(read[field]));
      return all.every((one) => one !== null) ? new Map(all.flatMap((one) => [...one])) : null;
    },
    json(records, before, changed) {
      const known = isObject(before) ? before : null;
      const anew = sections.filter(({ kind }) => known === null || changed.has(kind));
      const fields = anew.map(({ kind, field, json }) => [field, json(ofKind(records, kind))]);
      return { ...(known ?? empty), ...Object.fromEntries(fields) };
    },
  };
  return { kinds: sections.map(({ kind }) => kind), layout };
}

function ofKind(records: Records, kind: string): Records {
  return new Map([...records].filter(([key]) => key === kind || key.startsWith(`${kind}.`)));
}
