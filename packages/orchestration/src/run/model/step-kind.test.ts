import type { StepState } from "@millrace/contracts";
import { expect, it } from "vitest";
import { z } from "zod";
import { builtInRegistries, stepDefinition } from "../../spec/defaults.js";
import { refusal } from "../decide/decider.fixture.js";
import { createStepKinds, defineStepKind, type DefinedStepKind } from "./step-kind.js";
import { declaredWait } from "./waits.js";

const stateSchema = z.strictObject({ kind: z.literal("counter"), seen: z.strictObject({ count: z.number().max(2) }) });
const factSchema = z.strictObject({ is: z.literal("counted") });

function counter(): { readonly kind: DefinedStepKind; readonly parses: () => number } {
  let parses = 0;
  const state = stateSchema.refine(() => {
    parses += 1;
    return true;
  });
  const rest = () => ({ to: "poll-again" }) as const;
  const kind = defineStepKind<z.infer<typeof stateSchema>, z.infer<typeof factSchema>>({
    name: "counter",
    state,
    fact: factSchema,
    initial: () => ({ kind: "counter", seen: { count: 0 } }),
    fold: ({ kind, seen }) => ({ kind, seen: { count: seen.count + 1 } }),
    enter: rest,
    onResult: rest,
    answered: rest,
  });
  return { kind, parses: () => parses };
}

const counted = { is: "counted" } as const;
const stored = (count: number): StepState => JSON.parse(`{"kind":"counter","seen":{"count":${count}}}`) as StepState;

it("a state is parsed once, however often the kind is asked", () => {
  const { kind, parses } = counter();
  const first = kind.fold(stored(0), counted);
  expect(parses()).toBe(2);
  expect(kind.fold(first, counted)).toEqual(stored(2));
  expect(parses()).toBe(3);
});

it("a state that was checked once cannot be made invalid afterwards", () => {
  const { kind } = counter();
  const state = kind.fold(stored(0), counted);
  expect(() => Object.assign(state["seen"] as object, { count: 99 })).toThrowError(TypeError);
});

it("a state of another shape is refused when it is read, and one that the kind's own schema refuses when it is made", () => {
  const { kind } = counter();
  expect(() => kind.fold({ kind: "counter" }, counted)).toThrowError(z.ZodError);
  expect(() => kind.fold(stored(2), counted)).toThrowError(z.ZodError);
  expect(() => kind.fold(stored(0), { is: "other" })).toThrowError(z.ZodError);
});

it("a kind that declares nothing asks no agent, needs nothing, waits for nobody and brings nothing", () => {
  const { kind } = counter();
  expect(kind).toMatchObject({
    asks: null,
    needsRepository: false,
    needsTestInfrastructure: false,
    mayBePanelled: false,
    isPanel: false,
    isTransparent: false,
    estimates: false,
    needsEvidence: false,
    landsChange: false,
    keepsReviews: false,
    statusWhenLast: {},
    endNotifications: {},
    waits: {},
    effects: [],
    calls: [],
  });
  const researcher = builtInRegistries.kinds.get("researcher");
  if (researcher === null) throw new Error("there is no researcher");
  expect([kind.givesEvidence(researcher), kind.misfit(researcher), kind.inner(stored(0))]).toEqual([false, null, null]);
});

it("a kind that declares something is asked for it", () => {
  const { kind } = counter();
  expect(defineStepKind({ ...kind, makesEnvironment: true, asksByFindings: true })).toMatchObject({
    makesEnvironment: true,
    asksByFindings: true,
    landsChange: false,
  });
});

it("a kind that declares nothing describes a fact by its name, has no texts and shows nothing", () => {
  const { kind } = counter();
  expect(kind.describe(counted, stored(0))).toEqual({ tone: "dim", text: "counted" });
  expect(kind.texts(counted, stored(0))).toEqual([]);
  expect(kind.view(stored(0))).toEqual({});
});

it("a kind is found by its name, and none is where none is registered", () => {
  const { kind } = counter();
  const kinds = createStepKinds([kind]);
  expect([kinds.find("counter"), kinds.find("other")]).toEqual([kind, null]);
});

it("a step with a panel is refused where no kind runs panels, with what to do about it", () => {
  const participants = [
    { id: "a", role: "careful" },
    { id: "b", role: "bold" },
  ];
  const panelled = stepDefinition({ kind: "researcher", consensus: { strategy: "panel", participants } });
  const researcher = builtInRegistries.kinds.get("researcher");
  if (researcher === null) throw new Error("there is no researcher");
  const kinds = createStepKinds([builtInRegistries.stepKinds.get("inline")]);
  expect(refusal(() => kinds.runnerOf(panelled, researcher))).toEqual({ code: "stored_shape_invalid", fix: true });
  expect(kinds.runnerOf(stepDefinition("researcher"), researcher).name).toBe("inline");
  expect(builtInRegistries.stepKinds.runnerOf(panelled, researcher).isPanel).toBe(true);
});

it("a wait that no kind declares is named, with the kind that opens it", () => {
  const { kind } = counter();
  expect(() => declaredWait(createStepKinds([kind]), stored(0), "lunch")).toThrow(
    expect.objectContaining({ code: "config_invalid", details: { stepKind: "counter", wait: "lunch" } }),
  );
});
