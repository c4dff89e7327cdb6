import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readBoundedSync } from "@millrace/executors";
import { MillraceError } from "@millrace/kernel";
import { refuseUnsafe } from "./board-guard.js";
import { parseConfig, type Config } from "./config.schema.js";
import { projectPaths, type ProjectPaths } from "./project-paths.js";

/** Name of the folder that `millrace init` makes. */
export const STATE_FOLDER = ".millrace";

/** A board on this machine: where it lives, and its settings. */
export interface Project {
  /** Top folder of the repository the board was made in. */
  readonly root: string;
  /** Its `.millrace`. */
  readonly folder: string;
  readonly paths: ProjectPaths;
  readonly config: Config;
}

/**
 * The board of a folder: the nearest `.millrace` at or above it, as git finds its repository. Whether its user trusts it is not asked.
 *
 * @throws MillraceError `not_found` when there is none, `board_unsafe` when other users can change it, `config_invalid` when its
 * configuration cannot be used.
 */
export function findProject(from: string): Project {
  const root = climb(from, (folder) => isFolder(join(folder, STATE_FOLDER)));
  if (root === null) {
    throw new MillraceError("not_found", `there is no Millrace board in '${from}' or above it`, {
      fix: "go to the top folder of a git repository and run: millrace init",
      details: { folder: from },
    });
  }
  const folder = join(root, STATE_FOLDER);
  refuseUnsafe(folder);
  const paths = projectPaths(folder);
  return { root, folder, paths, config: parseConfig(readConfig(paths.config), paths.config) };
}

/** The nearest folder at or above `from` for which `wanted` holds. */
export function climb(from: string, wanted: (folder: string) => boolean): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (wanted(folder)) return folder;
    if (dirname(folder) === folder) return null;
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** Largest configuration, in bytes. */
const MAX_CONFIG_BYTES = 1024 * 1024;

function readConfig(path: string): string {
  const text = readBoundedSync(path, { maxBytes: MAX_CONFIG_BYTES });
  if (text !== null) return text;
  throw new MillraceError("config_invalid", `the configuration '${path}' is not there`, {
    fix: "put it back, or remove the .millrace folder and run: millrace init",
    details: { path },
  });
}
