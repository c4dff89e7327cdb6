import { workspaceSettingsSchema, type EffectRequest } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { decisionInput, taskBlock } from "../../spec/defaults.js";
import { pullRequest } from "../../spec/results.js";
import { modelLabel } from "./resolve-model.logic.js";

const known = (label: string | null) => ({ label, rate: "call" as const });
const models = new Map([["coder", { "start-job": known("of the executor") }]]);
const settings = workspaceSettingsSchema.parse({ models: { coder: "of the workspace" } });
const job: EffectRequest = { do: "start-job", kind: "coder", briefs: [] };
const call: EffectRequest = { do: "ask-agent", kind: "coder", briefs: [] };
const participant = (model: string | null): EffectRequest => ({ ...call, participant: { id: "a", role: "", model, answers: "kind" } });

describe("the model that a request will run on", () => {
  it.each<[string, EffectRequest, Parameters<typeof decisionInput>[0], string | null]>([
    [
      "that of a participant first",
      participant("its own"),
      { settings, models, block: { ...taskBlock, modelId: "of the task" } },
      "its own",
    ],
    ["then that of the task", participant(null), { settings, models, block: { ...taskBlock, modelId: "of the task" } }, "of the task"],
    ["then that of the workspace for the kind", job, { settings, models }, "of the workspace"],
    ["then the one that the executor knows for such a request", job, { models }, "of the executor"],
    ["none where it knows another request only", call, { models }, null],
    ["none where it knows no label", job, { models: new Map([["coder", { "start-job": known(null) }]]) }, null],
    ["none where it knows nothing of the kind", job, {}, null],
    [
      "none of a request that asks no agent",
      { do: "probe", gate: "ci", pullRequest, checks: true },
      { block: { ...taskBlock, modelId: "m" } },
      null,
    ],
  ])("%s", (_name, request, input, label) => expect(modelLabel(request, decisionInput(input))).toBe(label));

  it("is cut where its label is longer than a step keeps", () => {
    expect(modelLabel(job, decisionInput({ block: { ...taskBlock, modelId: "m".repeat(300) } }))).toBe("m".repeat(200));
  });
});
