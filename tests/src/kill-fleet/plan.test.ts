import { pipelineSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { FLEET_PIPELINES, agentKindsOf, planFleet } from "./plan.logic.js";
import { requireScripts } from "./script.logic.js";

const WANTED = { runs: 300, kills: 200, seed: 1 };

describe("the plan of a fleet", () => {
  it("follows from its seed", () => {
    expect(planFleet(FLEET_PIPELINES, WANTED)).toEqual(planFleet(FLEET_PIPELINES, WANTED));
    expect(planFleet(FLEET_PIPELINES, { ...WANTED, seed: 2 })).not.toEqual(planFleet(FLEET_PIPELINES, WANTED));
  });

  it("tells every story and runs every built-in pipeline", () => {
    const { tasks } = planFleet(FLEET_PIPELINES, WANTED);
    expect(new Set(tasks.map(({ pipelineId }) => pipelineId)).size).toBe(FLEET_PIPELINES.length);
    expect([...new Set(tasks.map(({ story }) => story))].toSorted()).toEqual([
      "broken",
      "cancelled",
      "capped",
      "changes",
      "conflict",
      "high-risk",
      "job-lost",
      "plain",
      "question",
      "red-ci",
      "rejected",
      "retried",
      "rework",
      "unreadable",
    ]);
  });

  it("lets some first jobs outlive the last kill, so that the last kill still meets runs in flight", () => {
    const { tasks } = planFleet(FLEET_PIPELINES, WANTED);
    expect(tasks.filter(({ heldUntilKill }) => heldUntilKill >= WANTED.kills).length).toBeGreaterThan(0);
    expect(Math.max(...tasks.map(({ heldUntilKill }) => heldUntilKill))).toBeLessThanOrEqual(WANTED.kills);
  });

  it("refuses a pipeline with an agent kind that has no script, by name", () => {
    const pipeline = pipelineSchema.parse({ id: "pl_x", name: "X", steps: [{ kind: "coder" }, { kind: "astrologer" }] });
    expect(() => requireScripts(agentKindsOf(pipeline))).toThrowError(
      expect.objectContaining({ code: "agent_missing", message: expect.stringContaining("'astrologer'") }),
    );
  });
});
