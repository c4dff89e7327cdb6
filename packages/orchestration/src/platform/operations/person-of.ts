import { MillraceError } from "@millrace/kernel";
import type { Caller } from "./caller.js";

/**
 * Id of the person whose call it is: the caller's own, or that of whom an agent acts for.
 * @throws MillraceError `forbidden` for a machine, which is no person and acts for none.
 */
export function personOf({ actor, onBehalfOf }: Pick<Caller, "actor" | "onBehalfOf">): string {
  const id = actor.type === "human" ? actor.id : onBehalfOf;
  if (id === undefined) throw new MillraceError("forbidden", "this is a person's, and the caller is none", { fix: "sign in as a person" });
  return id;
}
