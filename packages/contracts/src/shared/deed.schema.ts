import { z } from "zod";

/**
 * What only people do: it decides what merges, what may be spent, or what stands before a merge. A host accepts it only from a proven
 * person. What starts, stops or describes work is none: its cost has the caps, and its merge the gates, that a person's deeds have set.
 */
export const deedSchema = z.enum([
  /** Any answer to an open wait: an approval, a rejection, a choice, one more round. */
  "answer",
  /** An answer to one finding of a review. */
  "answer-finding",
  /** A merge on demand. */
  "merge",
  /** What counts as checked in a service. */
  "set-checks",
  /** The thresholds of a merge without a person. */
  "set-preset",
  /** Budgets, limits and models of a workspace. */
  "set-settings",
  /** The steps of a pipeline, its approvals and gates among them. */
  "set-pipeline",
]);
/** Name of a deed that only people do. */
export type Deed = z.infer<typeof deedSchema>;
