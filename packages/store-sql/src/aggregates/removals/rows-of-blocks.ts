import type { Tables } from "../tables.js";

/** Tables whose rows name a block as theirs. */
type TableOfBlocks = { [Table in keyof Tables]: "block_id" extends keyof Tables[Table] ? Table : never }[keyof Tables];

/**
 * What becomes of the rows of a block when it is removed. The compiler finds a table that is not named here.
 *
 * `goes`: with the block. `stays with the run`: it is a part of what a run did, and goes when the run goes; the row of the block stays for
 * it. `stays in the audit`: who decided what about a block is told after it is gone, for as long as the policy of its workspace says.
 */
export const rowsOfBlocks: Readonly<Record<TableOfBlocks, "goes" | "stays with the run" | "stays in the audit">> = {
  dependencies: "goes",
  runs: "stays with the run",
  notifications: "stays with the run",
  reviews: "stays with the run",
  audit: "stays in the audit",
};

/** Further columns that name a block, whose rows go with it. */
export const furtherColumns = [["dependencies", "on_id"]] as const satisfies readonly (readonly [keyof Tables, string])[];
