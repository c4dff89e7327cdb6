import { commitShaSchema, type CommitSha } from "@millrace/contracts";
import { z } from "zod";

/** What a webhook is about: where something may have settled. It says where to look, never what is there. */
export interface WebhookSubject {
  /** `owner/name`. */
  readonly repository: string;
  /** Branches whose pull requests are concerned. */
  readonly branches: readonly string[];
  /** The branch that was pushed to; null for every other event. Who targets it is concerned, too. */
  readonly pushed: string | null;
  readonly pullRequests: readonly number[];
  /** The commit it speaks of; null where it speaks of none. */
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

/** The union of what the events Millrace listens to carry; anything else in them is ignored. */
const payloadSchema = z.object({
  repository: z.object({ full_name: z.string().min(1) }).optional(),
  pull_request: pullSchema.optional(),
  check_run: runSchema.optional(),
  check_suite: suiteSchema.optional(),
  workflow_run: suiteSchema.optional(),
  /** A commit status. */
  sha: commitShaSchema.optional(),
  branches: z.array(z.object({ name: z.string() })).optional(),
  /** A push. */
  ref: z.string().optional(),
  after: commitShaSchema.optional(),
});

const LISTENED = new Set(["pull_request", "pull_request_review", "check_run", "check_suite", "workflow_run", "status", "push"]);

/** Null for events nobody waits for, and for payloads without a repository. */
export function subjectOf(event: string, payload: unknown): WebhookSubject | null {
  if (!LISTENED.has(event)) return null;
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
