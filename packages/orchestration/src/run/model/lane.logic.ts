import type { RepositoryRef } from "@millrace/contracts";
import { canonicalJson } from "@millrace/kernel";

/** Name of the landing queue of a repository's base branch. */
export function laneOf({ forge, id, base }: RepositoryRef): string {
  return canonicalJson([forge, id, base]);
}
