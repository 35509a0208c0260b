import type { AppFile } from '../../app-file/types.ts';
import type { AppRecord } from './app-record.ts';
import type { AppParts } from './parts.ts';
import type { World } from './world.ts';

/** What a release asks for, and of whom. */
export interface Demand {
  app: AppRecord;
  file: AppFile;
  world: World;
  /** The other apps of the hub. */
  others: readonly AppRecord[];
  /** The names of the variables that the app has. */
  env: readonly string[];
  fileOf: AppParts['fileOf'];
}
