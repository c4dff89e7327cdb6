import type { Sandbox } from "@millrace/kernel";
import { z } from "zod";
import { createBubblewrap } from "./bubblewrap/bubblewrap.js";
import { createNoSandbox } from "./none.js";

/** Names of the sandboxes there are; what a person chooses and a job keeps. */
export const sandboxNameSchema = z.enum(["bubblewrap", "none"]);

/** `none` is no protection at all: the choice of a person. */
export type SandboxName = z.infer<typeof sandboxNameSchema>;

const SANDBOXES: Readonly<Record<SandboxName, () => Sandbox>> = { bubblewrap: createBubblewrap, none: createNoSandbox };

/** The sandbox of a name. */
export function openSandbox(name: SandboxName): Sandbox {
  return SANDBOXES[name]();
}
