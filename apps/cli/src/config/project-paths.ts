import { join } from "node:path";

/** Files and folders of a board. */
export interface ProjectPaths {
  readonly config: string;
  readonly database: string;
  readonly repository: string;
  readonly jobs: string;
  readonly checks: string;
  /** Records of the personal tokens that the board takes. */
  readonly tokens: string;
}

export function projectPaths(folder: string): ProjectPaths {
  return {
    config: join(folder, "config.json"),
    database: join(folder, "millrace.db"),
    repository: join(folder, "repo.git"),
    jobs: join(folder, "jobs"),
    checks: join(folder, "checks"),
    tokens: join(folder, "tokens"),
  };
}
