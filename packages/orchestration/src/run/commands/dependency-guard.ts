import { MillraceError } from "@millrace/kernel";
import type { Engine } from "../turn/engine.js";
import type { BlockAddress } from "./new-run.js";

/** Tasks that the refusal names; the details have all of them. */
const NAMED = 3;

/**
 * A task does not start before what it waits for is done.
 * @throws MillraceError `conflict` naming what is not done.
 */
export async function guardDependencies({ ports }: Engine, { workspaceId, blockId }: BlockAddress): Promise<void> {
  const open = await ports.store.dependencies.open(workspaceId, blockId);
  if (open.length === 0) return;
  const names = open.slice(0, NAMED).map(({ title }) => `'${title}'`);
  const more = open.length > NAMED ? ` and ${open.length - NAMED} more` : "";
  throw new MillraceError("conflict", `it waits for ${names.join(", ")}${more}, which are not done`, {
    fix: "wait until they are done, remove the dependency, or start it all the same: evenIfBlocked",
    details: { blockId, waitsFor: open.map(({ id }) => id) },
  });
}
