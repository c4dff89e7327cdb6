import { commitShaSchema, type CommitSha } from "@millrace/contracts";
import { z } from "zod";

/** Subject of a webhook: tells which runs should read GitHub again, never what they will find. */
export interface WebhookSubject {
  /** `owner/name`. */
  readonly repository: string;
  /** Branches whose pull requests may have changed. */
  readonly branches: readonly string[];
  /** The branch that was pushed to; null for other events. Pull requests that target it may have changed too. */
  readonly pushed: string | null;
  /** Numbers of the pull requests in the payload. */
  readonly pullRequests: readonly number[];
  /** The commit in the payload; null if there is none. */
  readonly head: CommitSha | null;
}

const HEADS = "refs/heads/";
const headSchema = z.object({ ref: z.string(), sha: commitShaSchema.optional() });
const pullSchema = z.object({ number: z.number().int(), head: headSchema });
const suiteSchema = z.object({
  head_branch: z.string().nullish(),
  head_sha: commitShaSchema.optional(),
  pull_requests: z.array(pullSchema).default([]),
});
const runSchema = z.object({
  head_sha: commitShaSchema,
  check_suite: suiteSchema.nullish(),
  pull_requests: z.array(pullSchema).default([]),
});

/** The fields that Millrace reads of the events it handles, in one schema. Other fields are ignored. */
const payloadSchema = z.object({
  repository: z.object({ full_name: z.string().min(1) }).optional(),
  pull_request: pullSchema.optional(),
  check_run: runSchema.optional(),
  check_suite: suiteSchema.optional(),
  workflow_run: suiteSchema.optional(),
  /** Of `status`, with `branches`. */
  sha: commitShaSchema.optional(),
  branches: z.array(z.object({ name: z.string() })).optional(),
  /** Of `push`, with `after`. */
  ref: z.string().optional(),
  after: commitShaSchema.optional(),
});

const HANDLED_EVENTS = new Set(["pull_request", "pull_request_review", "check_run", "check_suite", "workflow_run", "status", "push"]);

/** Null for events that no run waits for, and for payloads without a repository. */
export function subjectOf(event: string, payload: unknown): WebhookSubject | null {
  if (!HANDLED_EVENTS.has(event)) return null;
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success || parsed.data.repository === undefined) return null;
  const { repository, pull_request, check_run, check_suite, workflow_run, sha, branches, ref, after } = parsed.data;
  const suites = [check_suite, workflow_run, check_run?.check_suite].filter((suite) => suite != null);
  const pulls = [
    ...(pull_request === undefined ? [] : [pull_request]),
    ...(check_run?.pull_requests ?? []),
    ...suites.flatMap((suite) => suite.pull_requests),
  ];
  const pushed = ref?.startsWith(HEADS) === true ? ref.slice(HEADS.length) : null;
  const named = [
    ...pulls.map(({ head }) => head.ref),
    ...suites.flatMap(({ head_branch }) => (head_branch == null ? [] : [head_branch])),
    ...(branches ?? []).map(({ name }) => name),
    ...(pushed === null ? [] : [pushed]),
  ];
  return {
    repository: repository.full_name,
    branches: [...new Set(named)].filter((name) => name !== ""),
    pushed: event === "push" ? pushed : null,
    pullRequests: [...new Set(pulls.map(({ number }) => number))],
    head: pull_request?.head.sha ?? check_run?.head_sha ?? suites[0]?.head_sha ?? sha ?? after ?? null,
  };
}
