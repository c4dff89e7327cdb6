import { z } from "zod";

const days = (least: number) => z.number().int().min(least).max(3650).nullable();

/** Days that the details of finished runs are kept; null: for ever. The run, its merge record and the totals are always kept. */
export const retentionPolicySchema = z.strictObject({
  /** Events of runs. What was decided in them stays in the audit. */
  events: days(1).default(400),
  /** Texts that agents wrote. */
  outputs: days(1).default(180),
  /** Folders of jobs on the machine that ran them. */
  transcripts: days(1).default(30),
  modelCalls: days(1).default(30),
  /** Prompts and answers of models. */
  modelTexts: days(1).default(3),
  /** Resolved notifications, and their deliveries. */
  notifications: days(1).default(90),
  /** Firings of schedules. */
  firings: days(1).default(400),
  /** What each call of a run has cost. */
  usage: days(1).default(400),
  /** Who decided what. At least 400. */
  audit: days(400).default(400),
});
/** How long a workspace keeps what. */
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

/** The policy of a workspace as it is read. */
export const retentionViewSchema = z.strictObject({
  /** That of the settings of the workspace, which the policy is one of. */
  revision: z.number().int().positive(),
  policy: retentionPolicySchema,
  /** Bounds that the host sets, in days; null: none. */
  host: z.strictObject({ leastDays: z.number().int(), mostDays: z.number().int().nullable() }),
});
/** A policy with its revision, and the bounds of the host. */
export type RetentionView = z.infer<typeof retentionViewSchema>;

const amountSchema = z.strictObject({ rows: z.number().int().nonnegative(), characters: z.number().int().nonnegative() });

/** What would go now, by kind: of runs, that of the first 1,000 of each kind. */
export const retentionPreviewSchema = z.strictObject({
  events: amountSchema,
  outputs: amountSchema,
  notifications: amountSchema,
  usage: amountSchema,
  audit: amountSchema,
});
/** Rows that the next passes remove. */
export type RetentionPreview = z.infer<typeof retentionPreviewSchema>;
