import { z } from "zod";
import { modelSetupSchema } from "../launch/model-setup.js";
import { sandboxNameSchema } from "../sandbox/open-sandbox.js";
import { commitShaSchema, idSchema, jsonSchema, repositoryRefSchema, timestampSchema, workObservationSchema } from "@millrace/contracts";

const environmentSchema = z.record(z.string(), z.string());
const launchBase = {
  name: z.string().min(1),
  argv: z.tuple([z.string().min(1)], z.string()),
  env: environmentSchema,
  home: z.enum(["private", "user"]),
  /** Null: no model, or a way of its own. */
  model: modelSetupSchema.nullable().default(null),
};

/** A launch as stored: with every default filled in, without secrets. */
export const storedLaunchSchema = z.discriminatedUnion("via", [
  z.strictObject({ via: z.literal("acp"), ...launchBase, mode: z.string().nullable(), installHint: z.string(), loginHint: z.string() }),
  z.strictObject({ via: z.literal("command"), ...launchBase, prompt: z.enum(["stdin", "file"]), installHint: z.string() }),
]);
export type StoredLaunch = z.infer<typeof storedLaunchSchema>;

const absolutePathSchema = z.string().startsWith("/");

/** `SandboxProfile` as stored. */
const profileSchema = z.strictObject({
  work: z.strictObject({ path: absolutePathSchema, access: z.enum(["read", "write"]) }),
  visible: z.array(absolutePathSchema),
  doors: z.array(z.strictObject({ socket: absolutePathSchema, path: absolutePathSchema })),
  limits: z.strictObject({
    memoryBytes: z.number().int().positive(),
    processes: z.number().int().positive(),
    privateBytes: z.number().int().positive(),
    fileBytes: z.number().int().positive(),
  }),
});

/** `job.json`: the request, written first and never changed. It has all that a later host needs to finish the job. */
export const jobFileSchema = z.strictObject({
  version: z.literal(1),
  key: z.string().min(1),
  /** Names the sandbox of the job, and its supervisor: a digest of the jobs' folder and the key. */
  marker: z.string().min(1),
  /** Random, unlike the marker: see `callOf`. Null in a job of an earlier version. */
  call: z.string().min(1).nullable().default(null),
  createdAt: timestampSchema,
  kind: z.string(),
  workspaceId: z.string(),
  runId: z.string(),
  step: z.number().int(),
  pipelineName: z.string(),
  block: z.strictObject({ id: idSchema, title: z.string(), description: z.string() }),
  repository: repositoryRefSchema.nullable(),
  branch: z.string().nullable(),
  /** Folder inside the repository that may be changed; null for all of it. */
  scope: z.string().nullable(),
  contract: z.strictObject({
    delivers: z.enum(["change", "update", "resolve", "nothing"]),
    commits: z.enum(["agent", "harness"]),
    pullRequest: z.enum(["required", "none"]),
  }),
  structured: z.boolean(),
  prompt: z.strictObject({ system: z.string(), user: z.string() }),
  /** Model the task is pinned to; null for the agent's own choice. */
  model: z.string().nullable().default(null),
  launch: storedLaunchSchema,
  /** What its agent may call; null for one without a door: outside of a sandbox it has the login of the user. */
  door: z
    .strictObject({ model: z.string().min(1), reservationMicros: z.number().int().positive(), expiresAt: timestampSchema })
    .nullable()
    .default(null),
  /** Where the agent runs. Jobs of earlier versions ran without a sandbox. */
  sandbox: z
    .discriminatedUnion("name", [
      z.strictObject({ name: z.literal("bubblewrap"), profile: profileSchema }),
      z.strictObject({ name: z.literal("none") }),
    ])
    .default({ name: "none" }),
  limits: z.strictObject({ totalMs: z.number().positive(), inactivityMs: z.number().positive(), graceMs: z.number().nonnegative() }),
});
export type JobFile = z.infer<typeof jobFileSchema>;

/**
 * Tells a job from others that were made under its key, so that what each of them used is counted. Jobs of earlier versions had a marker of
 * their own for it.
 */
export function callOf({ call, marker }: Pick<JobFile, "call" | "marker">): string {
  return call ?? marker;
}

/** `checkout.json`: the clone that the worktrees prepared. */
export const checkoutFileSchema = z.strictObject({
  key: z.string(),
  repository: repositoryRefSchema,
  path: z.string(),
  control: z.string(),
  branch: z.string(),
  head: commitShaSchema,
  baseHead: commitShaSchema,
  refs: z.record(z.string(), commitShaSchema),
  pushed: commitShaSchema.nullable(),
  conflicts: z.array(z.string()),
});

/** `supervisor.json`: its process, identified by pid, start time and boot. */
export const processFileSchema = z.strictObject({ pid: z.number().int().positive(), startedAt: z.string(), bootId: z.string().nullable() });
export type ProcessFile = z.infer<typeof processFileSchema>;

/** `agent.json`: the sandbox of the agent, written before it is started: without it, and without a supervisor, nothing was spent. */
export const agentFileSchema = z.strictObject({ sandbox: sandboxNameSchema });

/** `progress.json`: the latest plan of the agent. */
export const progressFileSchema = z.strictObject({
  completed: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
  items: z.array(z.strictObject({ label: z.string(), status: z.enum(["pending", "in_progress", "completed"]) })),
});
export type ProgressFile = z.infer<typeof progressFileSchema>;

const count = z.number().int().nonnegative();

/** `usage.json`: what the agent has used so far; also part of `exit.json`. */
export const usageFileSchema = z.strictObject({
  model: z.string(),
  tokens: z.strictObject({ inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWriteTokens: count }).nullable(),
  costMicros: count.nullable(),
  call: z.string().optional(),
});
export type UsageFile = z.infer<typeof usageFileSchema>;

/** `door.json`: the model door of the job, and what was spent through it. Holds no secret. */
export const doorFileSchema = z.strictObject({
  /** The process that has it open; null: none. */
  owner: processFileSchema.nullable(),
  /** Closed for good. */
  isClosed: z.boolean(),
  tokenDigest: z.string(),
  spend: z.strictObject({ usage: usageFileSchema, calls: count, estimatedCalls: count, overshootMicros: count }),
});
export type DoorFile = z.infer<typeof doorFileSchema>;

/** What a supervisor is told on its standard input: nothing of it is on disk. */
export const supervisorInputSchema = z.strictObject({
  secrets: environmentSchema,
  /** Secrets of the host, which the agent does not have and may have learnt. */
  held: z.array(z.string()),
  /** Folder of the socket on the host, and the token for it; null for a job without a door. */
  door: z.strictObject({ folder: absolutePathSchema, token: z.string() }).nullable(),
});
export type SupervisorInput = z.infer<typeof supervisorInputSchema>;

/** The model a task is pinned to, and the one its session was put on: null, for `reason`, when the agent could not be put on it. */
const sessionModelSchema = z.strictObject({ requested: z.string(), actual: z.string().nullable(), reason: z.string().nullable() });
export type SessionModel = z.infer<typeof sessionModelSchema>;

/** `exit.json`: the end of the agent's turn. Written last: once it exists, no process of the agent runs. */
export const exitFileSchema = z.strictObject({
  turn: workObservationSchema.shape.turn,
  exit: workObservationSchema.shape.exit,
  /** The last message of the agent, secrets redacted. */
  text: z.string(),
  /** Null: unknown. */
  usage: usageFileSchema.nullable(),
  /** Null when the task is pinned to no model, or needed no agent. */
  model: sessionModelSchema.nullable().default(null),
  /** The error that ended the turn; null when there was none. */
  failure: z.strictObject({ code: z.string(), message: z.string(), detail: z.string().nullable() }).nullable(),
});
export type ExitFile = z.infer<typeof exitFileSchema>;

const answerSchema = z.strictObject({
  text: z.string(),
  product: jsonSchema.nullable(),
  question: z.strictObject({ question: z.string(), options: z.array(z.string()) }).nullable(),
  model: z.string().nullable(),
  usage: usageFileSchema.nullable(),
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
    usage: usageFileSchema.nullable(),
  }),
  z.strictObject({ is: z.literal("lost"), transient: z.boolean(), message: z.string(), usage: usageFileSchema.nullable() }),
]);
