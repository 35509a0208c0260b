import { parseProcfile } from '../../app-file/procfile.ts';
import type { Draft } from './draft.ts';

/** Returns what a Procfile says. Throws ECONFIG for its first mistake. */
export function fromProcfile(text: string): Draft {
  const entries = parseProcfile(text);
  const release = entries.find(({ name }) => name === 'release');
  const services = entries.filter((entry) => entry !== release);
  return {
    ...(release && { release: release.command }),
    services: services.map(({ name, command }) => ({ name, command })),
    left: [],
  };
}
