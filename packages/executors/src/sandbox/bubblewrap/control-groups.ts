/**
 * Control groups of sandboxes: limits of memory and processes that hold for everything inside together.
 *
 * A group is made below the one of this process, or beside it, where this user may. A process enters before it becomes bubblewrap, so that
 * everything after it is inside. What a starter that was killed left is removed by `remove`, or by a `make` an hour later.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxLimits } from "@millrace/kernel";
import { groupLocations, type GroupLocation } from "./group-locations.logic.js";

/** Makes and removes the groups of sandboxes. */
export interface ControlGroups {
  /** Makes the groups of a sandbox. Returns the files that a process writes its pid to, to enter. */
  make(identity: string, limits: SandboxLimits): readonly string[];
  /** Removes the groups of a sandbox that has ended; those that are still in use stay. */
  remove(identity: string): Promise<void>;
}

const PREFIX = "millrace-";
/** Age of a group that a starter would have entered long ago, in ms. */
const LEFT_MS = 3_600_000;
const REMOVE_ROUNDS = 25;
const ROUND_MS = 20;

/** The control groups of this machine; null where this user can make none that holds both limits. */
export function openControlGroups(): ControlGroups | null {
  const places = groupLocations(read("/proc/self/cgroup"), read("/proc/self/mountinfo")).map(usable);
  if (places.length === 0 || !places.every((place) => place !== null)) return null;
  const foldersOf = (identity: string): readonly string[] => {
    const name = `${PREFIX}${createHash("sha256").update(identity).digest("hex").slice(0, 24)}`;
    return places.map(({ folder }) => join(folder, name));
  };
  return {
    make(identity, limits) {
      for (const { folder } of places) removeLeft(folder);
      return foldersOf(identity).map((folder, index) => {
        mkdirSync(folder, { recursive: true });
        for (const [file, value] of Object.entries(places[index]?.limits(limits) ?? {})) writeFileSync(join(folder, file), value);
        return join(folder, "cgroup.procs");
      });
    },
    async remove(identity) {
      for (const folder of foldersOf(identity)) {
        // Processes leave their group a moment after they are gone for those who look at them.
        for (let round = 0; round < REMOVE_ROUNDS && !removed(folder); round += 1) await delay(ROUND_MS);
      }
    },
  };
}

/** The first of the candidates in which a group with its limits can be made. */
function usable({
  candidates,
  limits,
  files,
}: GroupLocation): { readonly folder: string; readonly limits: GroupLocation["limits"] } | null {
  for (const folder of candidates) {
    const trial = join(folder, `${PREFIX}try-${process.pid}`);
    try {
      accessSync(folder, constants.W_OK);
      mkdirSync(trial);
      const works = files.every((file) => existsSync(join(trial, file)));
      rmdirSync(trial);
      if (works) return { folder, limits };
    } catch {
      // Not here.
    }
  }
  return null;
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

/** A group that is in use cannot be removed. */
function removeLeft(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(PREFIX) && Date.now() - statSync(path).mtimeMs > LEFT_MS) removed(path);
  }
}

/** Empty when it cannot be read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
