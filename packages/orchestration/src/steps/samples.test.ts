import { pipelineSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { builtInRegistries, stepDefinition } from "../spec/defaults.js";
import { runnableSteps } from "../run/pipelines/shape.logic.js";
import { builtInSamples } from "./samples.js";

const { kinds, stepKinds } = builtInRegistries;
const names = (of: readonly { readonly name: string }[]): readonly string[] => of.map(({ name }) => name);

it("there are samples of every step kind, and of no other", () => {
  expect(builtInSamples.map(({ stepKind }) => stepKind).toSorted()).toEqual(names(stepKinds.list()).toSorted());
});

it("every pipeline has a name of its own", () => {
  const all = names(builtInSamples.flatMap(({ pipelines }) => pipelines));
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});

it("every agent kind with a structured answer has samples of it, and each fits its schema", () => {
  for (const { id, answer, samples } of kinds.list().filter((kind) => kind.answer !== null)) {
    expect(samples.length, id).toBeGreaterThan(0);
    for (const [meaning, value] of samples) expect(answer?.safeParse(value).error, `${id}: ${meaning}`).toBeUndefined();
  }
});

it("every effect that a step kind brings has samples of its results", () => {
  const effects = stepKinds.list().flatMap((kind) => kind.effects);
  expect(effects.filter(({ samples = [] }) => samples.length === 0).map(({ name }) => name)).toEqual([]);
});

describe.each(builtInSamples)("samples of $stepKind", ({ stepKind, pipelines, scenarios = [], budgets = [] }) => {
  const kind = stepKinds.get(stepKind);

  it("have pipelines that can run, each with a step of the kind", () => {
    expect(pipelines.length).toBeGreaterThan(0);
    for (const pipeline of [...pipelines.map(({ name, steps }) => ({ id: "pl", name, steps })), ...scenarios]) {
      const steps = runnableSteps(pipelineSchema.parse(pipeline), builtInRegistries);
      const runners = steps.map((step) => {
        const agentKind = kinds.get(step.kind);
        return agentKind === null ? null : stepKinds.runnerOf(step, agentKind).name;
      });
      expect(runners, pipeline.name).toContain(stepKind);
    }
  });

  it("bound counters that are in the state", () => {
    const agentKind = kinds.list().find(({ step }) => step === stepKind);
    const state = agentKind === undefined ? {} : kind.initial(stepDefinition(agentKind.id), agentKind);
    expect(budgets.map(({ counter }) => counter[0] ?? "").filter((field) => !(field in state))).toEqual([]);
  });
});
