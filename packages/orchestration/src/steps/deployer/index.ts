import { outputRefSchema } from "@millrace/contracts";
import { z } from "zod";
import { defineStepKind, type DefinedStepKind, type Move } from "../../run/model/step-kind.js";
import { answeredOwn } from "../shared/agent.logic.js";
import { provision } from "./provision.effect.js";

const stateSchema = z.strictObject({ kind: z.literal("deployer") });
const provisionedSchema = z.looseObject({ output: outputRefSchema, provider: z.string().nullable() });

/** A step that provisions an environment for the change through the host's provider. It asks no agent. */
export const deployerStep: DefinedStepKind = defineStepKind<z.infer<typeof stateSchema>, never>({
  name: "deployer",
  state: stateSchema,
  fact: z.never(),
  effects: [provision],
  initial: () => ({ kind: "deployer" }),
  fold: (state) => state,
  enter: callProvider,
  onResult(_context, _state, result) {
    if (result.of !== "call") return { to: "poll-again" };
    const { output, provider } = provisionedSchema.parse(result.value);
    return { output: { output, model: provider === null ? null : `environment:${provider}` }, to: "finish" };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, callProvider()),
  dispatches: () => [],
});

function callProvider(): Move<never> {
  return { to: "effect", phase: "provision", request: { do: "call", name: provision.name, input: null } };
}
