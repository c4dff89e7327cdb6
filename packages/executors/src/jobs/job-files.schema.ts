import { z } from "zod";
import { commitShaSchema, idSchema, jsonSchema, repositoryRefSchema, timestampSchema, workObservationSchema } from "@millrace/contracts";

const environmentSchema = z.record(z.string(), z.string());
const launchBase = {
  name: z.string().min(1),
  argv: z.tuple([z.string().min(1)], z.string()),
  env: environmentSchema,
  home: z.enum(["private", "user"]),
};

/** A launch as it is kept on disk: with every default filled in and without its secrets. */
export const storedLaunchSchema = z.discriminatedUnion("via", [
  z.strictObject({ via: z.literal("acp"), ...launchBase, mode: z.string().nullable(), installHint: z.string(), loginHint: z.string() }),
  z.strictObject({ via: z.literal("command"), ...launchBase, prompt: z.enum(["stdin", "file"]), installHint: z.string() }),
]);
export type StoredLaunch = z.infer<typeof storedLaunchSchema>;

/** `job.json`: the request, written once and before anything happens. All that a later host needs to finish the job. */
export const jobFileSchema = z.strictObject({
  version: z.literal(1),
  key: z.string().min(1),
  /** Value of the variable that every process of this job carries. Random: two hosts on one machine may know the same key. */
  marker: z.string().min(1),
  createdAt: timestampSchema,
  kind: z.string(),
  workspaceId: z.string(),
  runId: z.string(),
  step: z.number().int(),
  pipelineName: z.string(),
  block: z.strictObject({ id: idSchema, title: z.string(), description: z.string() }),
  repository: repositoryRefSchema.nullable(),
  branch: z.string().nullable(),
  /** Folder inside the repository that may be changed; null: all of it. */
  scope: z.string().nullable(),
  contract: z.strictObject({
    delivers: z.enum(["change", "update", "resolve", "nothing"]),
    commits: z.enum(["agent", "harness"]),
    pullRequest: z.enum(["required", "none"]),
  }),
  structured: z.boolean(),
  prompt: z.strictObject({ system: z.string(), user: z.string() }),
  /** Model the task is pinned to; null: the agent's own choice. */
  model: z.string().nullable().default(null),
  launch: storedLaunchSchema,
  limits: z.strictObject({ totalMs: z.number().positive(), inactivityMs: z.number().positive(), graceMs: z.number().nonnegative() }),
});
export type JobFile = z.infer<typeof jobFileSchema>;

/** `checkout.json`: what the git side prepared. */
export const checkoutFileSchema = z.strictObject({
  key: z.string(),
  repository: repositoryRefSchema,
  path: z.string(),
  branch: z.string(),
  head: commitShaSchema,
  baseHead: commitShaSchema,
  refs: z.record(z.string(), commitShaSchema),
  pushed: commitShaSchema.nullable(),
  conflicts: z.array(z.string()),
});

/** `supervisor.json` and `agent.json`: which process, beyond doubt. */
export const processFileSchema = z.strictObject({ pid: z.number().int().positive(), startedAt: z.string(), bootId: z.string().nullable() });
export type ProcessFile = z.infer<typeof processFileSchema>;

/** `progress.json`: the agent's plan, replaced as a whole. */
export const progressFileSchema = z.strictObject({
  completed: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
  items: z.array(z.strictObject({ label: z.string(), status: z.enum(["pending", "in_progress", "completed"]) })),
});
export type ProgressFile = z.infer<typeof progressFileSchema>;

const usageSchema = z.strictObject({
  model: z.string(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  costMicros: z.number().int().nullable(),
});

/** `exit.json`: how the agent's process ended. Written last; nothing of the job runs when it is there. */
export const exitFileSchema = z.strictObject({
  turn: workObservationSchema.shape.turn,
  exit: workObservationSchema.shape.exit,
  /** The agent's last message, secrets redacted. */
  text: z.string(),
  usage: usageSchema.nullable(),
  /** What became of the model the task is pinned to; null: it is pinned to none, or no agent was needed. */
  model: z.strictObject({ asked: z.string(), set: z.string().nullable(), why: z.string().nullable() }).nullable().default(null),
  /** Set when the turn failed for a reason with a code of its own. */
  failure: z.strictObject({ code: z.string(), message: z.string(), detail: z.string().nullable() }).nullable(),
});
export type ExitFile = z.infer<typeof exitFileSchema>;

const answerSchema = z.strictObject({
  text: z.string(),
  product: jsonSchema.nullable(),
  question: z.strictObject({ question: z.string(), options: z.array(z.string()) }).nullable(),
  model: z.string().nullable(),
  usage: usageSchema.nullable(),
  confidence: z.number().min(0).max(1).nullable().default(null),
});

/** `outcome.json`: the outcome of a job that has ended. */
export const outcomeFileSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("finished"), answer: answerSchema, observed: workObservationSchema.nullable() }),
  z.strictObject({
    is: z.literal("failed"),
    code: z.string(),
    message: z.string(),
    detail: z.string().nullable(),
    observed: workObservationSchema.nullable(),
  }),
  z.strictObject({ is: z.literal("lost"), transient: z.boolean(), message: z.string() }),
]);
