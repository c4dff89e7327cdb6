import type { AgentTask } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import type { Project } from "../config/find-project.js";
import { createAgents } from "./agents.js";

const inline = {
  provider: "openai-compatible",
  model: "small",
  apiKeyEnv: "MODEL_KEY",
  // Nothing listens there: the call fails, and its error names the model that was asked.
  baseUrl: "http://127.0.0.1:9/v1",
} as const;
const project: Project = {
  root: "/project",
  folder: "/project/.millrace",
  paths: { config: "/c", database: "/d", repository: "/r", jobs: "/j", checks: "/j", tokens: "" },
  config: {
    version: 1,
    workspaceId: "ws_1",
    serviceId: "blk_1",
    repository: { forge: "local-git", id: "till", base: "main" },
    checks: [],
    ci: "none",
    agent: null,
    pipeline: "pl_reviewed",
    inline,
  },
};
const task: AgentTask = {
  key: "run_1/0/0/ask.1",
  workspaceId: "ws_1",
  runId: "run_1",
  step: 0,
  kind: "reviewer",
  pipelineName: "Build",
  block: { id: "blk_2", title: "Title", description: "", level: "task" },
  repository: null,
  pullRequest: null,
  priorOutputs: [],
  briefs: [],
  attachments: [],
  model: null,
  reservationMicros: 1_000_000,
  testing: null,
  decisions: [],
  revision: null,
  systemPrompt: "You review.",
  userPrompt: "Review this.",
  answerSchema: null,
  contract: { delivers: "nothing", commits: "agent", pullRequest: "none" },
};

describe("the model behind an API", () => {
  const asked = (model: string | null) =>
    createAgents(project, { MODEL_KEY: "k" }, null).inline?.run({ ...task, model }, new AbortController().signal);

  it.each([
    [null, "openai-compatible:small"],
    ["large", "openai-compatible:large"],
    ["openai-compatible:vendor/large", "openai-compatible:vendor/large"],
  ])("of a task pinned to %s is %s", async (model, label) => {
    await expect(asked(model)).rejects.toMatchObject({ code: "model_failed", message: expect.stringContaining(`'${label}'`) as string });
  });

  it("is not the configured one when the task is pinned to another provider's", async () => {
    await expect(asked("anthropic:large")).rejects.toMatchObject({
      code: "model_missing",
      message: "the model 'anthropic:large' that 'reviewer' is pinned to cannot be had here",
    });
  });
});
