import { z } from "zod";
import { pageSchema } from "../shared/page.schema.js";
import { agentKindSchema, idSchema } from "../shared/scalars.schema.js";
import { runReasonSchema } from "../views/run-reason.schema.js";
import { runStatusSchema, stepStatusSchema } from "../views/run-view.schema.js";
import { blockSchema, blockStatusSchema } from "./entity.schema.js";

const count = z.number().int().nonnegative();

/** The last run of a task in a few words, as cards show it. */
export const runSummarySchema = z.strictObject({
  id: idSchema,
  status: runStatusSchema,
  /** The current step, from 1; null: this build cannot read the run. */
  step: z.strictObject({ number: z.number().int().positive(), of: z.number().int().positive(), kind: agentKindSchema }).nullable(),
  /** State of each step, in order. */
  marks: z.array(stepStatusSchema),
  /** Why it is where it is, and since when; null: this build cannot read the run. */
  reason: runReasonSchema.nullable(),
  /** In millionths of the price list's currency. */
  cost: z.strictObject({ settledMicros: count, reservedMicros: count }),
  /** Ids of the people it waits for, as far as they are known; empty when it waits for none. */
  waitsFor: z.array(z.string()),
});
/** The last run of a task in a few words. */
export type TaskRunSummary = z.infer<typeof runSummarySchema>;

/** A task with its last run; null: it had none. */
export const taskCardSchema = z.strictObject({ block: blockSchema, run: runSummarySchema.nullable() });
/** A task as boards show it. */
export type TaskCard = z.infer<typeof taskCardSchema>;

/** Number of tasks of a lane in a column. */
export const boardCountSchema = z.strictObject({
  /** Id of the service, module or pipeline; null: the board has one lane, or the tasks name no pipeline. */
  lane: idSchema.nullable(),
  status: blockStatusSchema,
  count,
});
/** Number of tasks of a lane in a column. */
export type BoardCount = z.infer<typeof boardCountSchema>;

/** A page of the board. */
export const boardPageSchema = pageSchema(taskCardSchema).extend({
  /** All open tasks of the board, whatever the filters; a lane and column without a task is left out. */
  counts: z.array(boardCountSchema),
  /** Done tasks of the board, counted up to 1,000. */
  done: count,
});
/** A page of the board. */
export type BoardPage = z.infer<typeof boardPageSchema>;

/** A block with what hangs on it. */
export const blockDetailSchema = z.strictObject({
  block: blockSchema,
  /** Ids of the tasks that are done before it starts. */
  dependsOn: z.array(idSchema),
  /** Ids of the tasks that wait for it. */
  neededBy: z.array(idSchema),
  /** Its last run; null: it had none. */
  run: runSummarySchema.nullable(),
});
/** A block with what hangs on it. */
export type BlockDetail = z.infer<typeof blockDetailSchema>;
