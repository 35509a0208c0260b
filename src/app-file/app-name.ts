import { isName } from '../protocol/names.ts';

const MAX_STAGE_CHARACTERS = 40;

/** A repository, and the stage of it, if there is one. */
export interface AppName {
  repo: string;
  stage: string | null;
}

/** Returns true if `--as` takes this: what can name a drone, 40 characters at most. */
export function isStage(name: string): boolean {
  return isName(name) && name.length <= MAX_STAGE_CHARACTERS;
}

/** Returns `webapp`, or `webapp@pr-12`. */
export function formatApp({ repo, stage }: AppName): string {
  return stage === null ? repo : `${repo}@${stage}`;
}

/** The reverse of {@link formatApp}; null if it is no valid name. */
export function parseApp(name: string): AppName | null {
  const [repo = '', stage = null, ...more] = name.split('@');
  const valid = isName(repo) && (stage === null || isStage(stage)) && more.length === 0;
  return valid ? { repo, stage } : null;
}
