import { readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import type { CallTable, ClientCallRow } from '../src/protocol/call-table.ts';
import { CLIENT_CALLS } from '../src/protocol/client-calls.ts';
import { DRONE_CALLS } from '../src/protocol/drone-calls.ts';
import { ERROR_CODES } from '../src/protocol/errors.ts';
import { HUB_CALLS } from '../src/protocol/hub-calls.ts';
import { NOTICES } from '../src/protocol/notices.ts';
import { ORDERS } from '../src/protocol/orders.ts';

// The tables of the protocol's README, written from the tables of its calls.

type Schema = v.GenericSchema & {
  entries?: Record<string, Schema>;
  item?: Schema;
  items?: Schema[];
  key?: Schema;
  value?: Schema;
  wrapped?: Schema;
  options?: (Schema | string)[];
  literal?: unknown;
};

/** Returns a schema as text: `{repo, commit, drones: [name] or null}`. A key that equals its type is written once. */
export function shapeOf(schema: Schema): string {
  const title = v.getTitle(schema);
  if (title) return title;
  switch (schema.type) {
    case 'object':
    case 'loose_object': {
      const keys = Object.entries(schema.entries ?? {}).map(([key, entry]) => keyOf(key, entry));
      return `{${[...keys, ...(schema.type === 'loose_object' ? ['…'] : [])].join(', ')}}`;
    }
    case 'nullable':
      return `${shapeOf(schema.wrapped as Schema)} or null`;
    case 'optional':
    case 'exact_optional':
      return shapeOf(schema.wrapped as Schema);
    case 'array':
      return `[${shapeOf(schema.item as Schema)}]`;
    case 'tuple':
      return `[${(schema.items ?? []).map(shapeOf).join(', ')}]`;
    case 'record':
      return `{${shapeOf(schema.key as Schema)}: ${shapeOf(schema.value as Schema)}}`;
    case 'variant':
      return (schema.options as Schema[]).map(shapeOf).join(' or ');
    case 'union':
      return (schema.options as Schema[]).map(shapeOf).join(' or ');
    case 'literal':
      return JSON.stringify(schema.literal);
    case 'null':
      return '';
    default:
      return schema.type;
  }
}

function keyOf(key: string, schema: Schema): string {
  const isOptional = schema.type === 'optional' || schema.type === 'exact_optional';
  const shape = shapeOf(schema);
  return `${key}${isOptional ? '?' : ''}${shape === key ? '' : `: ${shape}`}`;
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

const cell = (schema: v.GenericSchema) => {
  const shape = shapeOf(schema as Schema);
  return shape === '' || shape === '{}' ? '' : `\`${shape}\``;
};

function calls(rows: CallTable): string {
  const cells = Object.entries(rows).map(([name, make]) => {
    const { params, answer, about } = make();
    return [`\`${name}\``, cell(params), cell(answer), about];
  });
  return table(['call', 'parameters', 'answer', ''], cells);
}

/** The tables, by their names in the README. */
export function tables(): Record<string, string> {
  const clientRows = Object.entries(CLIENT_CALLS).map(([name, make]: [string, () => ClientCallRow]) => {
    const { right, orRight, params, answer, audited, about } = make();
    return [
      `\`${name}\``,
      orRight ? `${right}, ${orRight}` : right,
      cell(params),
      cell(answer),
      `${about}${audited ? ' Audited.' : ''}`,
    ];
  });
  const notices = Object.entries(NOTICES).map(([name, make]) => {
    const { params, about } = make();
    return [`\`${name}\``, cell(params), about];
  });
  return {
    'client-calls': table(['call', 'right', 'parameters', 'answer', ''], clientRows),
    notices: table(['notice', 'parameters', ''], notices),
    'drone-calls': calls(DRONE_CALLS),
    orders: calls(ORDERS),
    'hub-calls': calls(HUB_CALLS),
    errors: table(
      ['code', 'meaning'],
      Object.entries(ERROR_CODES).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
  };
}

/** Returns the README with new tables, each between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function withTables(readme: string): string {
  return Object.entries(tables()).reduce((text, [name, made]) => {
    const place = new RegExp(`<!-- ${name} -->[^]*?<!-- /${name} -->`);
    if (!place.test(text)) throw new Error(`the README of the protocol has no place for: ${name}`);
    return text.replace(place, () => `<!-- ${name} -->\n${made}\n<!-- /${name} -->`);
  }, readme);
}

export function writeTables(path: string): void {
  writeFileSync(path, withTables(readFileSync(path, 'utf8')));
}
