/**
 * GraphQL endpoint of the stand-in. It knows the operations that Millrace sends by their names and answers in the shape of their
 * selections; tests validate queries and answers against GitHub's published schema.
 */
import { enqueue, dequeue } from "./merge-queue.js";
import type { Outcome } from "./moves.js";
import { mergeableOf } from "./mergeable.js";
import type { Json, JsonObject } from "./shapes.js";
import { iso, nodeId } from "./shapes.js";
import type { PullRecord, RepositoryRecord } from "./records.js";

export interface GraphqlCall {
  readonly variables: JsonObject;
  readonly repositories: readonly RepositoryRecord[];
  readonly outcome: Outcome;
}

/** Result of one field: its value, or a GraphQL error with its type. */
type FieldResult =
  | { readonly data: JsonObject }
  | { readonly error: { readonly type: string; readonly message: string; readonly path: string } };
type PullLookup = { readonly record: RepositoryRecord; readonly pull: PullRecord };

const FIRST = 100;

const OPERATIONS: Readonly<Record<string, (call: GraphqlCall) => Promise<FieldResult> | FieldResult>> = {
  async MillracePullRequestStatuses(call) {
    const ids = Array.isArray(call.variables["ids"]) ? call.variables["ids"] : [];
    const nodes: Json[] = [];
    for (const id of ids) {
      const found = pullOf(call, id);
      nodes.push(found === null ? null : await standing(found));
    }
    return { data: { nodes } };
  },
  MillraceQueue(call) {
    const found = pullOf(call, call.variables["id"]);
    return found === null ? missing("node") : { data: { node: queued(found) } };
  },
  async MillraceEnqueue(call) {
    const found = pullOf(call, call.variables["id"]);
    if (found === null) return missing("enqueuePullRequest");
    const refusal = await enqueue(found.record, found.pull, textOf(call.variables["head"]), call.outcome);
    if (refusal !== null) return { error: { type: "UNPROCESSABLE", message: refusal, path: "enqueuePullRequest" } };
    return { data: { enqueuePullRequest: { mergeQueueEntry: entryOf(found) } } };
  },
  MillraceDequeue(call) {
    const found = pullOf(call, call.variables["id"]);
    if (found === null) return missing("dequeuePullRequest");
    const refusal = dequeue(found.record, found.pull, "MANUAL", call.outcome);
    if (refusal !== null) return { error: { type: "UNPROCESSABLE", message: refusal, path: "dequeuePullRequest" } };
    return { data: { dequeuePullRequest: { mergeQueueEntry: { id: nodeId("MergeQueueEntry", found.pull.number) } } } };
  },
};

/** Name of the operation in a query text: `MillraceQueue` of `query MillraceQueue(...) { ... }`. */
export function operationOf(text: Json | undefined): string {
  return /^\s*(?:query|mutation)\s+(\w+)/.exec(typeof text === "string" ? text : "")?.[1] ?? "?";
}

/** Body of the response to an operation. */
export async function answerOperation(name: string, call: GraphqlCall): Promise<JsonObject> {
  const resolved = await (OPERATIONS[name] ?? (() => missing(name)))(call);
  if ("data" in resolved) return { data: resolved.data };
  const { type, message, path } = resolved.error;
  return { data: { [path]: null }, errors: [{ type, message, path: [path] }] };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function missing(path: string): FieldResult {
  return { error: { type: "NOT_FOUND", message: "Could not resolve to a node with the global id", path } };
}

function pullOf({ repositories }: GraphqlCall, id: Json | undefined): PullLookup | null {
  for (const record of repositories)
    for (const pull of record.pulls)
      if (nodeId("PullRequest", `${String(record.id)}/${String(pull.number)}`) === id) return { record, pull };
  return null;
}

async function standing({ record, pull }: PullLookup): Promise<Json> {
  const [head, base] = [await record.git.tip(pull.branch), await record.git.tip(pull.base)];
  const mergeable = await mergeableOf(record, pull);
  return {
    id: nodeId("PullRequest", `${String(record.id)}/${String(pull.number)}`),
    state: pull.mergedAs === null ? pull.state.toUpperCase() : "MERGED",
    mergeable: mergeable === null ? "UNKNOWN" : mergeable ? "MERGEABLE" : "CONFLICTING",
    headRefName: pull.branch,
    headRefOid: pull.head,
    baseRefName: pull.base,
    baseRef: base === null ? null : { target: { oid: base } },
    headRef: head === null ? null : { target: { oid: head, statusCheckRollup: rollup(record, head) } },
  };
}

function rollup(record: RepositoryRecord, head: string): Json {
  const runs = (record.checks.get(head) ?? []).map((one): JsonObject => ({
    __typename: "CheckRun",
    id: nodeId("CheckRun", one.id),
    status: one.status.toUpperCase(),
    conclusion: one.conclusion?.toUpperCase() ?? null,
  }));
  const statuses = (record.statuses.get(head) ?? []).map((one): JsonObject => ({
    __typename: "StatusContext",
    id: nodeId("Status", one.id),
    state: one.state.toUpperCase(),
  }));
  const all = [...runs, ...statuses];
  return all.length === 0 ? null : { contexts: { totalCount: all.length, nodes: all.slice(0, FIRST) } };
}

function queued({ record, pull }: PullLookup): JsonObject {
  const last = pull.queue.past.at(-1);
  const node = (): JsonObject => {
    const createdAt = iso(last?.at ?? 0);
    if (last === undefined || last.is === "added") return { __typename: "AddedToMergeQueueEvent", createdAt };
    return { __typename: "RemovedFromMergeQueueEvent", createdAt, reason: last.reason };
  };
  return {
    isMergeQueueEnabled: record.protections.get(pull.base)?.mergeQueue === true,
    mergeQueueEntry: entryOf({ record, pull }),
    timelineItems: { nodes: last === undefined ? [] : [node()] },
  };
}

function entryOf({ record, pull }: PullLookup): Json {
  if (pull.queue.since === null) return null;
  const before = record.pulls.filter((one) => one.base === pull.base && (one.queue.since ?? Infinity) < (pull.queue.since ?? 0));
  return { state: "AWAITING_CHECKS", position: before.length + 1 };
}
