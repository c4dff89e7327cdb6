/** The parts of GitHub's answers that Millrace reads. Everything else in them is ignored. */
import { commitShaSchema } from "@millrace/contracts";
import { z } from "zod";

/** One end of a pull request. `repo` is null when the fork that it was in is gone. */
const branchEndSchema = z.object({ ref: z.string(), sha: commitShaSchema, repo: z.object({ full_name: z.string() }).nullable() });

/** A pull request in a list. */
export const listedPullSchema = z.object({
  number: z.number().int().positive(),
  node_id: z.string().min(1),
  html_url: z.string().min(1),
  state: z.enum(["open", "closed"]),
  head: branchEndSchema,
  base: branchEndSchema,
  /** Null unless it was merged. */
  merged_at: z.string().nullable(),
});
export type ListedPull = z.infer<typeof listedPullSchema>;

/** A single pull request. `mergeable` is null until GitHub has computed it. */
export const pullSchema = listedPullSchema.extend({
  merged: z.boolean(),
  merge_commit_sha: commitShaSchema.nullable(),
  mergeable: z.boolean().nullable(),
});
export type Pull = z.infer<typeof pullSchema>;

/** A commit compared with the base: `base_commit` is the base's tip. */
export const comparisonSchema = z.object({
  base_commit: z.object({ sha: commitShaSchema }),
  ahead_by: z.number().int(),
  behind_by: z.number().int(),
});

/** Files of a comparison. `patch` is absent for what has no text diff: a binary file, a rename or another mode alone. */
export const comparedFilesSchema = z.object({
  files: z
    .array(
      z.object({
        sha: z.string().nullable(),
        filename: z.string(),
        previous_filename: z.string().optional(),
        status: z.string(),
        patch: z.string().optional(),
      }),
    )
    .default([]),
});

export const refSchema = z.object({ object: z.object({ sha: commitShaSchema }) });

/** A git commit. */
export const gitCommitSchema = z.object({
  sha: commitShaSchema,
  tree: z.object({ sha: z.string() }),
  parents: z.array(z.object({ sha: commitShaSchema })),
});
export type GitCommit = z.infer<typeof gitCommitSchema>;

const appSchema = z.object({ id: z.number().int() }).nullable();

/** `status` and `conclusion` accept any text: an unknown one is never taken for a success. */
export const checkRunSchema = z.object({
  id: z.number().int(),
  node_id: z.string(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  html_url: z.string().nullable(),
  details_url: z.string().nullable(),
  completed_at: z.string().nullable(),
  output: z.object({ title: z.string().nullable(), summary: z.string().nullable(), text: z.string().nullable() }),
  app: appSchema,
});
export type CheckRun = z.infer<typeof checkRunSchema>;

export const commitStatusSchema = z.object({
  node_id: z.string(),
  context: z.string(),
  state: z.string(),
  description: z.string().nullable(),
  target_url: z.string().nullable(),
  updated_at: z.string(),
});
export type CommitStatus = z.infer<typeof commitStatusSchema>;

/** A status with who set it. An App sets one as its bot account. */
export const createdStatusSchema = z.object({
  node_id: z.string(),
  creator: z.object({ login: z.string(), type: z.string() }).nullable(),
});

const protectedChecksSchema = z.object({
  strict: z.boolean().optional(),
  contexts: z.array(z.string()),
  checks: z.array(z.object({ context: z.string(), app_id: z.number().int().nullable() })).optional(),
});

/** A branch, with the part of its protection that a reader may see. */
export const branchSchema = z.object({
  name: z.string(),
  protected: z.boolean(),
  protection: z.object({ required_status_checks: protectedChecksSchema.optional() }).optional(),
});
export type Branch = z.infer<typeof branchSchema>;

/** A rule in force for a branch. Types that Millrace does not know only count as the presence of a rule. */
export const ruleSchema = z.union([
  z.object({
    type: z.literal("required_status_checks"),
    parameters: z.object({
      strict_required_status_checks_policy: z.boolean(),
      required_status_checks: z.array(z.object({ context: z.string(), integration_id: z.number().int().optional() })),
    }),
  }),
  z.object({ type: z.literal("merge_queue") }),
  z.object({ type: z.string().transform(() => "other" as const) }),
]);
export type Rule = z.infer<typeof ruleSchema>;

export const mergedSchema = z.object({ merged: z.literal(true), sha: commitShaSchema });
export const commentSchema = z.object({ id: z.number().int(), html_url: z.string(), body: z.string().default("") });
