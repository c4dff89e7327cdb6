/** What the outside world of a fleet witnessed. It is kept by the world, not by Millrace, and survives every kill. */
import { commitShaSchema, effectKeySchema, idSchema } from "@millrace/contracts";
import { z } from "zod";

const counted = z.number().int().nonnegative();

/** One key: a job that was started or a call that was made under it. */
export const ledgerEntrySchema = z.strictObject({
  key: effectKeySchema,
  runId: idSchema,
  /** Name of the planned task it works for. */
  task: z.string(),
  kind: z.string(),
  via: z.enum(["job", "call"]),
  /** How often it was asked for; more than once after a reply was lost. */
  requests: counted,
  /** How often the work was really done. */
  performed: counted,
  /** The stored run asked for this key when the world first heard of it. */
  intended: z.boolean(),
  ended: z.enum(["finished", "failed", "lost", "out-of-quota"]).nullable(),
  stopped: z.boolean(),
  /** Its script leaves a commit on the task's branch when it finishes. */
  commits: z.boolean(),
  /** Tokens it cost; null unless it finished. */
  tokens: counted.nullable(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

export const ledgerSchema = z.strictObject({
  keys: z.array(ledgerEntrySchema),
  /** Merges that landed, in order. `requests` counts the calls for that pull request that found it merged or merged it. */
  merges: z.array(
    z.strictObject({
      pullRequest: z.string(),
      branch: z.string(),
      commit: commitShaSchema,
      head: commitShaSchema,
      base: commitShaSchema,
      green: z.boolean(),
      requests: counted,
    }),
  ),
  /** Commits that agents made: the key that each carries. */
  commits: z.array(z.strictObject({ key: effectKeySchema, commit: commitShaSchema })),
  /** Per repository: what the base branch consists of after its first commit, oldest first. */
  mainlines: z.array(z.strictObject({ repository: z.string(), commits: z.array(commitShaSchema) })),
  /** Pull requests opened, per repository. */
  pullRequests: z.array(z.strictObject({ repository: z.string(), opened: counted })),
  lostReplies: counted,
});
export type Ledger = z.infer<typeof ledgerSchema>;
