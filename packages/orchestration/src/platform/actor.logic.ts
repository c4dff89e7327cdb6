import type { Actor } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";

/** Actor of everything the engine does by itself. */
export const ENGINE: Actor = { type: "system", id: "millrace" };

/**
 * Refuses every actor but a person: an agent never approves, and the system never answers in a person's name (promise P5).
 * @throws MillraceError `forbidden_actor`.
 */
export function requirePerson(actor: Actor, fix: string): void {
  if (actor.type !== "human")
    throw new MillraceError("forbidden_actor", `${actor.type} '${actor.id}' may not answer for a person`, { fix });
}
