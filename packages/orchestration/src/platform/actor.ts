import type { Actor } from "@millrace/contracts";

/** The actor of what the engine does by itself, where no person acts. */
export const ENGINE: Actor = { type: "system", id: "millrace" };
