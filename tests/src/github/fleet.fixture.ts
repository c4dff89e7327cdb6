/** Many runs on one repository, each waiting at the CI gate of its own pull request, with the default patience. */
import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import type { RunAddress } from "@millrace/orchestration";
import { DEFAULT_PATIENCE } from "@millrace/orchestration";
import { createScriptedAgents, createTestHost, type TestHost } from "@millrace/testing";
import type { GitHubHarness } from "./harness.fixture.js";

export interface ParkedRun extends RunAddress {
  readonly blockId: string;
  readonly head: CommitSha;
  readonly pull: PullRequestRef;
}

export interface Fleet {
  readonly host: TestHost;
  readonly parked: readonly ParkedRun[];
  /** Drives due runs, moving the clock from wake-up to wake-up, until `until` (epoch ms). */
  driveTo(until: number): Promise<void>;
}

const ASSESSMENT = { complexity: 0.1, risk: 0, impact: 0, rationale: "a small change, looked at" };

/** Starts `count` runs of `pl_merge`, spread evenly over one poll interval. */
export async function createFleet(harness: GitHubHarness, count: number): Promise<Fleet> {
  const { clock, forge, project, repository } = harness;
  const host = await createTestHost({
    repository,
    clock,
    pipeline: { steps: [{ kind: "ci" }] },
    // Default poll interval, and a patience longer than any test.
    options: { patience: { gateMs: 24 * 60 * 60_000 } },
    wrap: (ports) => ({ ...ports, agents: createScriptedAgents({ merger: { answer: ASSESSMENT } }), forges: { get: () => forge } }),
  });
  const workspaceId = host.workspace.id;
  const driveTo = async (until: number): Promise<void> => {
    for (;;) {
      const [claim] = await host.wakeups.claim({ owner: "test", now: clock.now(), leaseMs: 1000, limit: 1 });
      if (claim === undefined) {
        const next = await host.wakeups.nextDueAt();
        if (next === null || next > until) return clock.advanceTo(until);
        clock.advanceTo(next);
        continue;
      }
      await host.execution.advance(claim);
      await host.wakeups.release(claim);
    }
  };
  const parked: ParkedRun[] = [];
  for (let index = 0; index < count; index += 1) {
    const task = await host.board.addTask({
      workspaceId,
      parentId: host.task.parentId ?? "",
      input: { title: `task ${String(index)}` },
      actor: host.user,
    });
    const branch = `millrace/${task.id}`;
    const head = await project.commit(branch, {});
    project.check(head, "unit", null);
    const pull = await forge.openPullRequest(repository, { branch, title: task.title, body: "" });
    await host.store.commit([{ change: "patch-block", workspaceId, id: task.id, patch: { status: "pr_ready", pullRequest: pull } }]);
    const { id: runId } = await host.execution.merge({ workspaceId, blockId: task.id, actor: host.user });
    parked.push({ workspaceId, runId, blockId: task.id, head, pull });
    await driveTo(clock.now() + Math.floor(DEFAULT_PATIENCE.gatePollMs / count));
  }
  return { host, parked, driveTo };
}
