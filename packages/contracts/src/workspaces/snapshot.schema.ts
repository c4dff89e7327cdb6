import { z } from "zod";
import { blockSchema } from "../board/entity.schema.js";
import { mergePresetSchema } from "../merge-presets/entity.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { workspaceSchema } from "./entity.schema.js";

/** What a board shows when it is opened. Each part that may be longer has a list of its own. */
export const workspaceSnapshotSchema = z.strictObject({
  /** Position in the log: what every event up to it tells is in the snapshot. What one after it tells may be in it already. */
  cursor: z.string().min(1).max(500),
  /** With its settings. */
  workspace: workspaceSchema,
  /** The first 500, in the order in which they were added. */
  blocks: z.array(blockSchema).max(500),
  /** True if there are more blocks than these. */
  hasMoreBlocks: z.boolean(),
  /** Live runs, the newest first, at most 200. */
  runs: z.array(
    z.strictObject({
      id: idSchema,
      blockId: idSchema,
      status: z.enum(["running", "waiting", "paused", "stopping"]),
      createdAt: timestampSchema,
      updatedAt: timestampSchema,
    }),
  ),
  /** Numbers of open notifications, and of the urgent ones among them. */
  notifications: z.strictObject({ open: z.number().int().nonnegative(), urgent: z.number().int().nonnegative() }),
  presets: z.array(mergePresetSchema),
  /** The built-in pipelines and those of the workspace, by id. */
  pipelines: z.array(z.strictObject({ id: idSchema, name: z.string() })),
});
/** A board as it is at `cursor`. */
export type WorkspaceSnapshot = z.infer<typeof workspaceSnapshotSchema>;
