import { z } from "zod";
import { commitShaSchema, digestSchema, idSchema, timestampSchema, unitSchema } from "../shared/scalars.schema.js";

/** Repository of a block. `forge` names the adapter, `id` the repository inside it. */
export const repositoryRefSchema = z.strictObject({
  forge: z.string().min(1).max(60),
  id: z.string().min(1).max(300),
  /** Branch that changes are merged into. */
  base: z.string().min(1).max(200),
});
/** Address of a repository: the adapter, its id there, and the base branch. */
export type RepositoryRef = z.infer<typeof repositoryRefSchema>;

/** A pull request as the forge knows it. `branch` is its head branch, `base` the branch it merges into. */
export const pullRequestRefSchema = z.strictObject({
  id: z.string().min(1).max(200),
  number: z.number().int().positive(),
  url: z.string().min(1).max(2000),
  branch: z.string().min(1).max(200),
  base: z.string().min(1).max(200),
});
/** Identity of a pull request. It holds nothing that changes: its head and state are read from the forge. */
export type PullRequestRef = z.infer<typeof pullRequestRefSchema>;

/** One check of one commit. `conclusion` is null until `status` is `completed`. */
export const checkSchema = z.strictObject({
  name: z.string().min(1).max(300),
  status: z.enum(["queued", "in_progress", "completed"]),
  conclusion: z.enum(["success", "failure", "neutral", "skipped", "cancelled", "timed_out", "action_required", "stale"]).nullable(),
  url: z.string().max(2000).nullable(),
  completedAt: timestampSchema.nullable(),
  /** Last lines of the check's output, at most 4,000 characters; null when the forge does not keep it. */
  summary: z.string().max(4000).nullable(),
});
/** A CI check as one reading of the forge saw it; `completedAt` is epoch ms. */
export type Check = z.infer<typeof checkSchema>;

/**
 * Conclusion of a gate, with its evidence (promise P1). It speaks only of `head` merged into `base`
 * under `settings`; when any of them moves it is void.
 */
export const verdictSchema = z.strictObject({
  gate: z.string().min(1).max(60),
  head: commitShaSchema,
  base: commitShaSchema,
  /** Digest of the gate settings in force (required checks, "this repository has no CI"). */
  settings: digestSchema,
  /** Digest of what the forge judged the head by; empty in verdicts that are older than it. */
  checkSettings: digestSchema.or(z.literal("")).default(""),
  observed: z.array(checkSchema),
  says: z.enum(["green", "red", "pending", "unknown"]),
  because: z.string().max(4000),
  at: timestampSchema,
});
/** A gate's conclusion, bound to the head, base and settings it was drawn from (promise P1). */
export type Verdict = z.infer<typeof verdictSchema>;

/** Merge that the forge confirmed. */
export const mergeRecordSchema = z.strictObject({
  pullRequest: pullRequestRefSchema,
  commit: commitShaSchema,
  head: commitShaSchema,
  base: commitShaSchema,
  at: timestampSchema,
  runId: idSchema,
});
/** Proof of a merge: the commit that landed, and the head and base it was made of. */
export type MergeRecord = z.infer<typeof mergeRecordSchema>;

/**
 * Observation of an agent's work, after the agent stopped (promise P2). The harness fills it by looking at the
 * worktree, the remote, the forge and the process; nothing in it comes from what the agent said,
 * except `claims`, which is there to be compared.
 */
export const workObservationSchema = z.strictObject({
  branch: z.string(),
  headBefore: commitShaSchema,
  headAfter: commitShaSchema,
  /** Commits between the two heads; 0 when nothing was committed. */
  commits: z.number().int().nonnegative(),
  /** True if the tree at `headAfter` differs from the tree at `headBefore`. */
  treeChanged: z.boolean(),
  /** Paths still changed or untracked (ignored files excluded) after the harness did what the contract lets it do; at most 20. */
  uncommitted: z.array(z.string()).max(20),
  /** `headBefore` is not an ancestor of `headAfter`. */
  rewritten: z.boolean(),
  /** New commits that the remote already had before the job started, under any ref. */
  foreignCommits: z.array(commitShaSchema).max(20),
  /** Other refs, local or remote, that the agent moved, with the commit they point at. */
  strayRefs: z.array(z.string()).max(20),
  /** Changed paths outside the folder that the job may write. */
  outsideScope: z.array(z.string()).max(20),
  /** Changed paths with a filter that Millrace does not run, and paths in submodules, each with its reason. Default: none. */
  undeliverable: z.array(z.string()).max(20).default([]),
  /** Files with conflict markers left in. */
  conflictMarkers: z.array(z.string()).max(20),
  /** The commit the run's branch points at on the remote, read after the push; null when it is not there. */
  remoteHead: commitShaSchema.nullable(),
  /** The open pull request of the branch, read from the forge. */
  pullRequest: pullRequestRefSchema.nullable(),
  exit: z.strictObject({ code: z.number().int().nullable(), signal: z.string().nullable() }).nullable(),
  /** End of the agent's turn, as the protocol reported it; `died` when the process ended or the connection broke in the middle of it. */
  turn: z.enum(["completed", "refused", "out-of-tokens", "out-of-turns", "cancelled", "died"]),
  /** Facts the agent claimed in its answer that can be checked. */
  claims: z.strictObject({ pullRequestUrl: z.string().nullable(), commit: z.string().nullable() }),
});
/** The harness's evidence about one job, the input of the completion contract (promise P2). */
export type WorkObservation = z.infer<typeof workObservationSchema>;

/** A merger's scores of a change. Each axis is 0 (harmless) to 1; a blank rationale never merges by itself. */
export const mergeAssessmentSchema = z.object({
  complexity: unitSchema,
  risk: unitSchema,
  impact: unitSchema,
  rationale: z.string().max(8000),
});
/** Three scores from 0 to 1 that a merge preset's ceilings are compared with. */
export type MergeAssessment = z.infer<typeof mergeAssessmentSchema>;

/** Severity of a comment. `must-fix`: the work does not go on with it; `should-fix`: it is worth a rework; `nit`: taste, worth none. */
export const commentSeveritySchema = z.enum(["must-fix", "should-fix", "nit"]);
/** Severity of a comment, the gravest first. */
export type CommentSeverity = z.infer<typeof commentSeveritySchema>;

/** A comment on a part of an output. */
export const reviewCommentSchema = z.object({
  quotedSource: z.string().max(20_000).optional(),
  body: z.string().min(1).max(5000),
  /** Missing: `should-fix`. */
  severity: commentSeveritySchema.optional(),
});
/** A comment with the passage it is about; without one it is about the whole output. */
export type ReviewComment = z.infer<typeof reviewCommentSchema>;

/** A companion's grade of the step it accompanies. */
export const companionAssessmentSchema = z.object({
  rating: unitSchema,
  summary: z.string().max(8000),
  comments: z.array(reviewCommentSchema).max(100).optional(),
});
/** A grade from 0 to 1: at the step's bar or above it passes unless a comment is `must-fix`, below it the accompanied step is done again. */
export type CompanionAssessment = z.infer<typeof companionAssessmentSchema>;
