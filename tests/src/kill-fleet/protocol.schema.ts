/** Calls of workers to the environment, over HTTP on loopback: one shape for each method of the two ports. */
import {
  commitShaSchema,
  effectKeySchema,
  errorEnvelopeSchema,
  idSchema,
  pullRequestRefSchema,
  repositoryRefSchema,
} from "@millrace/contracts";
import type { AgentTask } from "@millrace/kernel";
import { z } from "zod";

/** The fields of a task that the environment reads; the prompts are ignored. */
const readOfTask = z.looseObject({
  key: effectKeySchema,
  runId: idSchema,
  kind: z.string(),
  block: z.looseObject({ id: idSchema, title: z.string() }),
  repository: repositoryRefSchema.nullable(),
  decisions: z.array(z.unknown()),
  contract: z.looseObject({ delivers: z.string(), pullRequest: z.string() }),
});
const task = z.custom<AgentTask>((value) => readOfTask.safeParse(value).success, "this is no agent task");
const handle = z.strictObject({ key: effectKeySchema, ref: z.string(), model: z.string().nullable() });
const repository = repositoryRefSchema;
const pullRequest = pullRequestRefSchema;

export const callSchema = z.discriminatedUnion("call", [
  z.strictObject({ call: z.literal("run"), task }),
  z.strictObject({ call: z.literal("startJob"), task }),
  z.strictObject({ call: z.literal("pollJob"), handle }),
  z.strictObject({ call: z.literal("stopJob"), handle }),
  z.strictObject({ call: z.literal("findPullRequest"), repository, branch: z.string() }),
  z.strictObject({ call: z.literal("findMerged"), repository, branch: z.string() }),
  z.strictObject({
    call: z.literal("openPullRequest"),
    repository,
    request: z.strictObject({ branch: z.string(), title: z.string(), body: z.string() }),
  }),
  z.strictObject({ call: z.literal("read"), repository, pullRequest }),
  z.strictObject({ call: z.literal("checks"), repository, head: commitShaSchema }),
  z.strictObject({
    call: z.literal("diffDigest"),
    repository,
    range: z.strictObject({ base: commitShaSchema, head: commitShaSchema }),
  }),
  z.strictObject({ call: z.literal("updateBranch"), repository, pullRequest, head: commitShaSchema }),
  z.strictObject({
    call: z.literal("merge"),
    repository,
    pullRequest,
    expected: z.strictObject({ head: commitShaSchema, base: commitShaSchema }),
    message: z.string(),
  }),
]);
export type EnvironmentCall = z.infer<typeof callSchema>;
export type CallName = EnvironmentCall["call"];

export const replySchema = z.union([z.strictObject({ value: z.unknown() }), errorEnvelopeSchema]);
export const WORKER_HEADER = "x-worker";
