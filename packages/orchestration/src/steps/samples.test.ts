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

it("every agent kind that is asked for a structured answer has samples of it, and each fits its schema", () => {
  const asked = kinds.list().filter(({ answer, step }) => answer !== null && stepKinds.list().some(({ name }) => name === step));
  for (const { id, step, answer } of asked) {
    const own = builtInSamples.flatMap(({ answers }) => answers?.[id] ?? []);
    const samples = own.length > 0 ? own : (builtInSamples.find(({ stepKind }) => stepKind === step)?.answers?.["*"] ?? []);
    expect(samples.length, id).toBeGreaterThan(0);
    for (const { label, value } of samples) expect(answer?.safeParse(value).error, `${id}: ${label}`).toBeUndefined();
  }
});

describe.each(builtInSamples)("samples of $stepKind", ({ stepKind, pipelines, scenarios = [], results = {}, budgets = [] }) => {
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

  it("have results of exactly the effects that the kind brings", () => {
    expect(Object.keys(results).toSorted()).toEqual(names(kind.effects).toSorted());
  });

  it("bound counters that are in the state", () => {
    const agentKind = kinds.list().find(({ step }) => step === stepKind);
    const state = agentKind === undefined ? {} : kind.initial(stepDefinition(agentKind.id), agentKind);
    expect(budgets.map(({ counter }) => counter[0] ?? "").filter((field) => !(field in state))).toEqual([]);
  });
});
