import type { AgentTask } from "@millrace/kernel";
import { expect, it } from "vitest";
import { createModel } from "./inline/create-model.js";
import { createInlineExecutor } from "./inline/inline-executor.js";
import { routeExecutors } from "./route-executors.js";

/** An executor that knows a label for every kind, runs at a flat rate or not, and has no model for a pinned task. */
function executorNamed(name: string, quotaBased: boolean, asked: string[]) {
  return createInlineExecutor({
    modelFor(kind, pinned) {
      if (pinned === null) return { ...createModel({ provider: "openai", model: name, apiKey: "k" }), quotaBased };
      asked.push(`${name}: ${kind}`);
      return null;
    },
  });
}

it.each(["researcher", "task-estimator", "requirements-review", "architect"])(
  "a call of the %s goes to the inline model and a job of it to the coding agent: the request decides, not the kind",
  async (kind) => {
    const asked: string[] = [];
    const agents = routeExecutors({ inline: executorNamed("inline", true, asked), jobs: executorNamed("jobs", false, asked) });
    const task = { kind, model: "pinned" } as AgentTask;
    await expect(agents.run(task, AbortSignal.timeout(1000))).rejects.toMatchObject({ code: "model_missing" });
    expect(asked).toEqual([`inline: ${kind}`]);
    expect([await agents.resolveModel(kind, "ask-agent"), await agents.resolveModel(kind, "start-job")]).toEqual([
      "openai:inline",
      "openai:jobs",
    ]);
    expect([await agents.rateOf(kind, "ask-agent"), await agents.rateOf(kind, "start-job")]).toEqual(["flat", "call"]);
  },
);
