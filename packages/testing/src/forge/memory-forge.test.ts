import type { CommitSha } from "@millrace/contracts";
import type { Forge } from "@millrace/kernel";
import type { ForgeHarness, ForgeHarnessOptions } from "../conformance/forge/harness.js";
import { FIRST_FILES } from "../conformance/forge/harness.js";
import { describeForgeConformance } from "../conformance/forge/suite.js";
import { completedCheck, createMemoryForge } from "./memory-forge.js";

/** The memory forge is the remote service here, so a restart of the caller changes nothing in it. */
async function createMemoryHarness({ checks }: ForgeHarnessOptions): Promise<ForgeHarness> {
  const service = createMemoryForge();
  const repository = service.createRepository("project", FIRST_FILES);
  let loseNext = false;
  const forge: Forge = {
    name: service.name,
    findPullRequest: (...args) => service.findPullRequest(...args),
    findMerged: (...args) => service.findMerged(...args),
    openPullRequest: (...args) => service.openPullRequest(...args),
    read: (...args) => service.read(...args),
    checks: (...args) => service.checks(...args),
    diffDigest: (...args) => service.diffDigest(...args),
    updateBranch: (...args) => service.updateBranch(...args),
    withdraw: (...args) => service.withdraw(...args),
    async merge(...args) {
      const result = await service.merge(...args);
      if (!loseNext) return result;
      loseNext = false;
      throw new Error("the connection broke here");
    },
  };
  const commitAt = (sha: CommitSha) => service.graph.get(sha);
  return {
    forge,
    repository,
    commit: async (branch, files) => service.push(repository, branch, files),
    makeExecutable: async () => {
      throw new Error("files have no modes here");
    },
    point: async (branch, commit) => service.pointBranch(repository, branch, commit),
    tip: async (branch) => service.head(repository, branch),
    parents: async (commit) => commitAt(commit).parents,
    files: async (commit) => commitAt(commit).tree,
    registerChecks: async (head) =>
      service.setChecks(
        head,
        checks.map((name) => ({ name, status: "queued", conclusion: null, url: null, completedAt: null, summary: null })),
      ),
    async concludeCheck(head, name, conclusion) {
      const now = await service.checks(repository, head);
      service.setChecks(
        head,
        now.map((check) => (check.name === name ? completedCheck(name, conclusion) : check)),
      );
    },
    loseNextMerge() {
      loseNext = true;
    },
    restart: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

describeForgeConformance("memory", {
  createHarness: createMemoryHarness,
  skips: { "diff: another mode of a file changes the digest": "the files of the memory forge have no modes" },
});
