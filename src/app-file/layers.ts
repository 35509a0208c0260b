import { ROOT, STAGE } from './keys.ts';
import { isTable } from './kinds.ts';
import { Place } from './place.ts';
import { parseProcfile } from './procfile.ts';
import { globMatches } from './selector.ts';
import { withoutCommand } from './service.ts';
import type { Given } from './tables.ts';
import { parseToml } from './toml.ts';
import { tomlKeys } from './toml-keys.ts';

/** What one part of the app's files says, and where. */
export interface Layer {
  says: Given<typeof STAGE.keys>;
  /** Where its keys are inside of the file. */
  prefix: string[];
  /** The file and line of each key, by {@link keyOf} its path. */
  lines: ReadonlyMap<string, string>;
}

const keyOf = (path: readonly string[]) => JSON.stringify(path);

/** Returns what a Procfile says. Throws ECONFIG. */
export function procfileLayer(text: string): Layer {
  const entries = parseProcfile(text);
  const pathOf = (name: string) => (name === 'release' ? ['deploy', 'release'] : ['services', name]);
  const lines = new Map(entries.map(({ name, line }) => [keyOf(pathOf(name)), `Procfile:${line}`]));
  const release = entries.find(({ name }) => name === 'release');
  const services = entries
    .filter((entry) => entry !== release)
    .map(({ name, command }) => [name, { command }]);
  const value = {
    services: Object.fromEntries(services),
    ...(release && { deploy: { release: release.command } }),
  };
  return {
    says: STAGE.read(value, new Place((path) => nearest(lines, path) ?? 'Procfile:1')),
    prefix: [],
    lines,
  };
}

/** A section for the stages that a pattern matches. */
export interface Section extends Layer {
  pattern: string;
}

/** Returns what fleet.toml says, and its sections for stages, in its order. Throws ECONFIG. */
export function tomlLayers(text: string): { file: Layer; sections: Section[] } {
  const value = parseToml(text);
  const keys = tomlKeys(text);
  const lines = new Map(keys.map(({ path, line }) => [keyOf(path), `fleet.toml:${line}`]));
  const { as = {}, ...says } = ROOT.read(value, new Place((path) => nearest(lines, path) ?? 'fleet.toml:1'));
  // Objects put keys that are whole numbers first, so the order is that of the text.
  const patterns = new Set(
    keys.flatMap(({ path }) => (path[0] === 'as' && path[1] !== undefined ? [path[1]] : [])),
  );
  const sections = [...patterns].map(
    (pattern): Section => ({ pattern, says: as[pattern] ?? {}, prefix: ['as', pattern], lines }),
  );
  return { file: { says, prefix: [], lines }, sections };
}

/** Returns the sections for a stage. */
export function sectionsFor(sections: readonly Section[], stage: string | null): Section[] {
  return sections.filter(({ pattern }) => stage !== null && globMatches(pattern, stage));
}

/**
 * Throws ECONFIG if a section changes a service that neither these layers nor a section have: its stages may be used long
 * after it was written.
 */
export function checkSections(sections: readonly Section[], layers: readonly Layer[]): void {
  const own = sections.flatMap(({ says }) =>
    Object.entries(says.services ?? {}).flatMap(([name, { command }]) => (command ? [name] : [])),
  );
  const known = [...serviceOrder(layers), ...own];
  for (const { says, prefix, lines } of sections) {
    const unknown = Object.keys(says.services ?? {}).find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const place = new Place((path) => nearest(lines, path) ?? 'fleet.toml:1', prefix);
    throw place.key('services', unknown).error(withoutCommand(unknown, known));
  }
}

/** Returns what all say together; later ones win, key by key. */
export function mergeLayers(layers: readonly Layer[]): Layer['says'] {
  return layers.map(({ says }) => says).reduce((all, one) => merge(all, one) as Layer['says'], {});
}

function merge(below: unknown, above: unknown): unknown {
  if (!isTable(below) || !isTable(above)) return above;
  const merged = Object.entries(above).map(([name, value]) => [
    name,
    Object.hasOwn(below, name) ? merge(below[name], value) : value,
  ]);
  return { ...below, ...Object.fromEntries(merged) };
}

/** Returns the place of a key in whichever layer has won. */
export function placeIn(layers: readonly Layer[]): Place {
  return new Place((path) => {
    for (let length = path.length; length > 0; length--) {
      for (const { prefix, lines } of layers.toReversed()) {
        const line = lines.get(keyOf([...prefix, ...path.slice(0, length)]));
        if (line) return line;
      }
    }
    return 'fleet.toml:1';
  });
}

/** Returns the names of all services, in the order of the files. */
export function serviceOrder(layers: readonly Layer[]): string[] {
  const names = layers.flatMap(({ prefix, lines }) =>
    [...lines.keys()].flatMap((key) => {
      const path = JSON.parse(key) as string[];
      const isService =
        prefix.every((word, index) => path[index] === word) && path[prefix.length] === 'services';
      return isService ? path.slice(prefix.length + 1, prefix.length + 2) : [];
    }),
  );
  return [...new Set(names)];
}

function nearest(lines: ReadonlyMap<string, string>, path: readonly string[]): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)));
    if (line) return line;
  }
  return undefined;
}
