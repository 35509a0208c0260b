import type { AuditEntry, AuditVerdict } from '../protocol/answers.ts';
import { FleetError } from '../protocol/errors.ts';
import { commandLine } from '../protocol/names.ts';
import { counted } from './quantity.ts';

/** What is in front of the further lines of an entry. */
const INDENT = '    ';
const SHORT_COMMIT = 7;
const WHOLE_COMMIT = 40;

/** How entries are shown. */
export interface AuditView {
  /** The names that several tokens have had, which are shown with the accessor. */
  shared: ReadonlySet<string>;
  /** True for a person at a terminal: commits are short. */
  isShort: boolean;
}

/** Returns an entry for a person: `TIME WHO@ADDRESS CALL what it is about: RESULT`; of several hubs, `TIME HUB: WHO…`. */
export function auditLine(entry: AuditEntry, { shared, isShort }: AuditView): string {
  const { n: _, hash: __, hub, time, who, accessor, address, call, result, more, ...parameters } = entry;
  const name = accessor !== undefined && shared.has(who) ? `${who}#${accessor}` : who;
  const again = typeof more === 'number' ? ` (${counted(more, 'time')} more)` : '';
  const words = [
    `${time.replace(/\.\d+Z$/, 'Z')}`,
    ...(typeof hub === 'string' ? [`${hub}:`] : []),
    `${name}@${address}`,
    call,
    ...aboutWords(parameters, isShort),
  ];
  // Nobody writes a line of somebody else's, with a page or a command of several lines.
  return `${words.join(' ')}: ${result}${again}`.replaceAll('\n', '\\n');
}

/** Returns the names that more than one token has had in these entries. */
export function sharedNames(entries: readonly AuditEntry[]): Set<string> {
  const accessors = new Map<string, Set<string>>();
  for (const { who, accessor } of entries)
    if (accessor !== undefined) accessors.set(who, (accessors.get(who) ?? new Set()).add(accessor));
  return new Set([...accessors].flatMap(([who, { size }]) => (size > 1 ? [who] : [])));
}

/** Returns a line as lines of at most `columns` columns, broken at spaces; a longer word stays whole. */
export function wrapped(line: string, columns: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const indent = lines.length > 0 ? INDENT : '';
    if (current !== '' && indent.length + current.length + 1 + word.length > columns) {
      lines.push(`${indent}${current}`);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, `${lines.length > 0 ? INDENT : ''}${current}`].join('\n');
}

/** Returns what a check has found, in words. */
export function verdictText({ entries, unchained, last, fault }: AuditVerdict): string {
  if (fault === null) {
    const older = unchained > 0 ? `, and ${counted(unchained, 'line')} from before it had hashes` : '';
    const all = `nothing was changed or removed: ${counted(entries, 'entry', 'entries')}${older}`;
    return last.n === 0 ? all : `${all}\nlast: ${last.n}:${last.hash}`;
  }
  const entry = fault.n === null ? '' : `, entry ${fault.n}`;
  const before = entries === 0 ? '' : `; ${counted(entries, 'entry', 'entries')} before it are in order`;
  return `${fault.file}, line ${fault.line}${entry}: ${fault.why}${before}`;
}

/** Returns what a check has found of the trail of each hub, in words: what is right, and what is not. */
export function verdictLines(verdicts: Readonly<Record<string, AuditVerdict | FleetError>>) {
  const right: string[] = [];
  const wrong: string[] = [];
  for (const [hub, found] of Object.entries(verdicts)) {
    const at = hub === '' ? '' : `${hub}: `;
    if (found instanceof FleetError) wrong.push(`${at}not checked: ${found.message}`);
    else if (found.fault !== null) wrong.push(`${at}${verdictText(found)}`);
    else
      right.push(`${at}${verdictText(found).replace('\nlast: ', `\nlast: ${hub === '' ? '' : `${hub}:`}`)}`);
  }
  return { right, wrong };
}

/** Returns what an entry is about, for those of its parameters that have a way to be said, and the others as `key=value`. */
function aboutWords(parameters: Record<string, unknown>, isShort: boolean): string[] {
  const { repo, commit, stage, app, release, drone, id, drones, name, command, ...rest } = parameters;
  const other = Object.entries(rest).map(([key, value]) => `${key}=${valueText(value)}`);
  return [
    targetOf(repo, commit, isShort ? SHORT_COMMIT : WHOLE_COMMIT),
    typeof stage === 'string' ? `@${stage}` : '',
    said(app, release === undefined ? '' : `#${valueText(release)}`),
    said(name),
    said(drone, id === undefined ? '' : `#${valueText(id)}`),
    drones === undefined ? '' : `on ${valueText(drones)}`,
    ...other,
    Array.isArray(command) ? `-- ${commandLine(command.map(String))}` : said(command),
  ].filter((word) => word !== '');
}

function targetOf(repo: unknown, commit: unknown, characters: number): string {
  const short = typeof commit === 'string' ? commit.slice(0, characters) : '';
  return [said(repo), short].filter((part) => part !== '').join('/');
}

const said = (value: unknown, more = '') => (value === undefined ? '' : `${valueText(value)}${more}`);

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
  return isList ? value.join(',') : JSON.stringify(value);
}
