import { SERVICE_NAME_PATTERN } from '../../app-file/names.ts';

const MAX_CHARACTERS = 30;

/** Returns a service's name for each of the names, in their order: as it is if it can be one, and each only once. */
export function serviceNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
    const base = SERVICE_NAME_PATTERN.test(name) ? name : plain.slice(0, MAX_CHARACTERS) || 'app';
    let chosen = base;
    for (let n = 2; taken.has(chosen); n++) {
      chosen = `${base.slice(0, MAX_CHARACTERS - String(n).length - 1)}-${n}`;
    }
    taken.add(chosen);
    return chosen;
  });
}
