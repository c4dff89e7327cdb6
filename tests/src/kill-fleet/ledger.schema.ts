/** Ledger of a fleet's effects. It is kept by the environment, not by Millrace, and survives every kill. */
import { commitShaSchema, effectKeySchema, idSchema } from "@millrace/contracts";
import { z } from "zod";

const counted = z.number().int().nonnegative();

/** Ledger entry of one key: a job or a call. */
export const ledgerEntrySchema = z.strictObject({
  key: effectKeySchema,
  runId: idSchema,
  /** Name of its planned task. */
  task: z.string(),
  kind: z.string(),
  via: z.enum(["job", "call"]),
  /** Number of requests; more than one after a lost response. */
  requests: counted,
  /** Number of times that the work was done. */
  performed: counted,
  /** Whether the stored run requested this key at its first request. */
  intended: z.boolean(),
  ended: z.enum(["finished", "failed", "lost", "out-of-quota"]).nullable(),
  stopped: z.boolean(),
  /** Whether its script leaves a commit on the task's branch. */
  commits: z.boolean(),
  /** Tokens spent, whatever came of it; null until it ended or was stopped, and when nothing was spent. */
  tokens: counted.nullable(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

export const ledgerSchema = z.strictObject({
  keys: z.array(ledgerEntrySchema),
  /** Merges that landed, in order. `requests` counts the merge calls that were answered with it. */
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
  /** Commits of agents, with the key of the job that made each. */
  commits: z.array(z.strictObject({ key: effectKeySchema, commit: commitShaSchema })),
  /** For each repository, the commits of the base branch after its first, oldest first. */
  mainlines: z.array(z.strictObject({ repository: z.string(), commits: z.array(commitShaSchema) })),
  /** Number of opened pull requests by repository. */
  pullRequests: z.array(z.strictObject({ repository: z.string(), opened: counted })),
  lostReplies: counted,
});
export type Ledger = z.infer<typeof ledgerSchema>;
