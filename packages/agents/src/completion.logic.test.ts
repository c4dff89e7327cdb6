import type { WorkObservation } from "@millrace/contracts";
import type { CompletionContract } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { judgeWork } from "./completion.logic.js";

const before = "a".repeat(40);
const after = "b".repeat(40);
const pullRequest = { id: "r#1", number: 1, url: "forge:r#1", branch: "millrace/blk", base: "main" };
const change: CompletionContract = { delivers: "change", commits: "harness", pullRequest: "required" };
const nothing: CompletionContract = { delivers: "nothing", commits: "harness", pullRequest: "none" };
const resolve: CompletionContract = { delivers: "resolve", commits: "harness", pullRequest: "required" };

const delivered: WorkObservation = {
  branch: "millrace/blk",
  headBefore: before,
  headAfter: after,
  commits: 1,
  treeChanged: true,
  uncommitted: [],
  rewritten: false,
  foreignCommits: [],
  strayRefs: [],
  outsideScope: [],
  undeliverable: [],
  conflictMarkers: [],
  remoteHead: after,
  pullRequest,
  exit: { code: 0, signal: null },
  turn: "completed",
  claims: { pullRequestUrl: null, commit: null },
};
const untouched: WorkObservation = { ...delivered, headAfter: before, commits: 0, treeChanged: false, remoteHead: null, pullRequest: null };

describe("judgeWork", () => {
  it("accepts what was delivered, and a read-only step that left nothing", () => {
    expect(judgeWork(change, delivered)).toBeNull();
    expect(judgeWork(resolve, delivered)).toBeNull();
    expect(judgeWork(nothing, untouched)).toBeNull();
  });

  it.each<[string, CompletionContract, Partial<WorkObservation>]>([
    ["turn_died", change, { turn: "died", exit: { code: 0, signal: null } }],
    ["turn_refused", change, { turn: "refused" }],
    ["turn_cut", change, { turn: "out-of-tokens" }],
    ["turn_cut", nothing, { turn: "out-of-turns" }],
    ["turn_cancelled", change, { turn: "cancelled" }],
    ["history_rewritten", change, { rewritten: true }],
    ["foreign_commit", change, { foreignCommits: [after] }],
    ["uncommitted_work", { ...change, commits: "agent" }, { uncommitted: ["a.ts"] }],
    ["nothing_committed", change, { ...untouched }],
    ["wrong_branch", change, { ...untouched, strayRefs: ["refs/heads/other"] }],
    ["invented_commit", change, { ...untouched, claims: { commit: "deadbeef", pullRequestUrl: null } }],
    ["invented_pull_request", change, { ...untouched, claims: { commit: null, pullRequestUrl: "https://forge/pull/7" } }],
    ["base_not_merged", resolve, { ...untouched }],
    ["empty_diff", change, { treeChanged: false }],
    ["wrong_branch", change, { strayRefs: ["refs/heads/other"] }],
    ["outside_scope", change, { outsideScope: ["../x"] }],
    ["undeliverable_path", change, { undeliverable: ["a.secret (filter=x)"] }],
    ["undeliverable_path", change, { undeliverable: ["sub/a (submodule)"], commits: 0 }],
    ["conflict_markers", resolve, { conflictMarkers: ["a.ts"] }],
    ["not_pushed", change, { remoteHead: before }],
    ["not_pushed", change, { remoteHead: null }],
    ["no_pull_request", change, { pullRequest: null }],
    ["wrote_when_read_only", nothing, {}],
    ["wrote_when_read_only", nothing, { ...untouched, uncommitted: ["a.ts"] }],
    ["wrote_when_read_only", nothing, { ...untouched, strayRefs: ["refs/heads/x"] }],
  ])("%s", (code, contract, seen) => {
    expect(judgeWork(contract, { ...delivered, ...seen })).toMatchObject({ code });
  });

  it("does not punish real work for a link in its prose", () => {
    expect(judgeWork(change, { ...delivered, claims: { commit: "deadbeef", pullRequestUrl: "https://elsewhere/pull/7" } })).toBeNull();
  });
});
