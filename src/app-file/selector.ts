/** A name, in which `*` is anything, or a label with its value. */
export type Term = { name: string } | { label: string; value: string };

/** Drones for which all terms are true. */
export type Selector = Term[];

/** Parses `web*` or `role=web,zone=a`. */
export function parseSelector(text: string): Selector {
  return text.split(',').map((part) => {
    const [label = '', ...value] = part.trim().split('=');
    return value.length > 0 ? { label, value: value.join('=') } : { name: label };
  });
}

/** Returns a selector as it is written. */
export function formatSelector(selector: Selector): string {
  return selector.map((term) => ('name' in term ? term.name : `${term.label}=${term.value}`)).join(',');
}

/** Returns true if a drone is one of those. */
export function matches(
  selector: Selector,
  drone: { name: string; labels: Record<string, string> },
): boolean {
  return selector.every((term) => {
    if ('name' in term) return globMatches(term.name, drone.name);
    return Object.hasOwn(drone.labels, term.label) && drone.labels[term.label] === term.value;
  });
}

/** Returns true if a name is what the pattern says, in which `*` is anything. */
export function globMatches(pattern: string, name: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  const end = parts.pop();
  if (end === undefined) return name === pattern;
  if (!name.startsWith(start) || !name.endsWith(end)) return false;
  let at = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - end.length;
}
