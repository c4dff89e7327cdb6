import type { StepState } from "@millrace/contracts";
import { expect, it } from "vitest";
import { z } from "zod";
import { defineStepKind, type StepKind } from "./step-kind.js";

const stateSchema = z.strictObject({ kind: z.literal("counter"), seen: z.strictObject({ count: z.number().max(2) }) });
const factSchema = z.strictObject({ is: z.literal("counted") });

function counter(): { readonly kind: StepKind; readonly parses: () => number } {
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
