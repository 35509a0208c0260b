/** A service, with the keys that fleet.toml has for it. */
export interface DraftService {
  name: string;
  command: string | string[];
  count?: number;
  dir?: string;
  memory?: string;
  stop?: Record<string, string>;
  env?: Record<string, string>;
}

/** Something that fleet.toml cannot say, or should not: where it stands, such as `web.watch`, and why. */
export interface LeftOut {
  what: string;
  why: string;
}

/** What was found in a file of another program. */
export interface Draft {
  release?: string;
  services: DraftService[];
  left: LeftOut[];
}

/** What is done in a new checkout before it counts as deployed. */
export interface Build {
  build: string;
  cache: string[];
}
