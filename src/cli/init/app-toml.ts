import type { Build, Draft, DraftService } from './draft.ts';

/** Returns the text of a fleet.toml. */
export function appToml({ release, services }: Draft, build: Build | undefined): string {
  const deploy = {
    ...(build && { build: build.build, ...(build.cache.length > 0 && { cache: build.cache }) }),
    ...(release !== undefined && { release }),
  };
  const tables = [
    ...(Object.keys(deploy).length > 0 ? [tableText('deploy', deploy)] : []),
    ...services.map(serviceText),
  ];
  return `# What fleet up runs. All keys: fleet help fleet.toml\n\n${tables.join('\n')}`;
}

const serviceText = ({ name, ...keys }: DraftService) => tableText(`services.${name}`, keys);

function tableText(name: string, keys: object): string {
  const lines = Object.entries(keys).map(([key, value]) => `${keyText(key)} = ${valueText(value)}\n`);
  return `[${name}]\n${lines.join('')}`;
}

const keyText = (key: string) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : text(key));

function valueText(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, one]) => `${keyText(key)} = ${valueText(one)}`);
  return `{ ${pairs.join(', ')} }`;
}

/** A basic string of TOML has the escapes of JSON, and must escape DEL, too. */
const text = (value: string) => JSON.stringify(value).replaceAll('\x7f', '\\u007f');
