import { isName } from './names.ts';

/** Characters of a stage's name, at most. */
const MAX_STAGE_CHARACTERS = 40;

/** An app: a repository, or a stage of one. */
export interface AppName {
  repo: string;
  /** What `--as` says; null for the app without it. */
  stage: string | null;
}

/** Returns the app's full name, `REPO` or `REPO@STAGE`, as in every output, file and directory. */
export function appName({ repo, stage }: AppName): string {
  return stage === null ? repo : `${repo}@${stage}`;
}

/** Parses a full name; null if it is not one. No repository has an `@` in its name. */
export function parseAppName(text: string): AppName | null {
  const [repo = '', stage, ...more] = text.split('@');
  if (!isName(repo) || more.length > 0) return null;
  if (stage === undefined) return { repo, stage: null };
  return isStage(stage) ? { repo, stage } : null;
}

/** Returns the repository of an app. */
export function repoOfApp(app: string): string {
  return parseAppName(app)?.repo ?? app;
}

/** Returns what a command line says to mean an app of its repository: ` --as=STAGE`; empty for the one without a stage. */
export function stageOption(app: string): string {
  const { stage = null } = parseAppName(app) ?? {};
  return stage === null ? '' : ` --as=${stage}`;
}

/** Returns true if `text` can name a stage: what can name a drone, 40 characters at most. */
export function isStage(text: string): boolean {
  return isName(text) && text.length <= MAX_STAGE_CHARACTERS;
}
