/**
 * A step that has an environment made for the change, by the host's provider. It asks no agent.
 * 1. It is finished when the environment is ready, not when it was asked for; one that failed fails the run.
 * 2. The same request asks how far it is, within the patience of a gate.
 * 3. What was made is taken down once the run has ended, in whatever way (`makesEnvironment`).
 */
import { z } from "zod";
import { defineStepKind, type DefinedStepKind, type FailureRequest, type Move, type StepContext } from "../../run/model/step-kind.js";
import { answeredOwn } from "../shared/agent.logic.js";
import { described } from "../shared/describe.logic.js";
import { tellWithoutEffect } from "../shared/without-effect.js";
import { provision, provisionedSchema } from "./provision.effect.js";
import { waitedForEffect } from "../shared/patience.logic.js";

const stateSchema = z.strictObject({ kind: z.literal("deployer") });
const factSchema = z.strictObject({ is: z.literal("not-provisioned"), why: z.string() });
type Fact = z.infer<typeof factSchema>;

/** A step that provisions an environment for the change through the host's provider. */
export const deployerStep: DefinedStepKind = defineStepKind<z.infer<typeof stateSchema>, Fact>({
  name: "deployer",
  state: stateSchema,
  fact: factSchema,
  needsService: "environments",
  makesEnvironment: true,
  effects: [provision],
  initial: () => ({ kind: "deployer" }),
  fold: (state) => state,
  enter: callProvider,
  onResult(context, _state, result) {
    if (result.of !== "call") return { to: "poll-again" };
    const made = provisionedSchema.parse(result.value);
    if (made.is === "provisioning") return waitForProvider(context, made.provider);
    if (made.is === "failed") return fail("processing", "environment_failed", `${made.provider} could not make the environment`);
    const output = { output: made.output, model: made.is === "off" ? null : `environment:${made.provider}` };
    if (made.is === "ready") return { output, to: "finish" };
    return { facts: [{ is: "not-provisioned", why: "no environment provider is configured for this host" }], output, to: "finish" };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, callProvider()),
  consequences: ({ why }, context) => tellWithoutEffect(context, "it has no environment", why),
  dispatches: () => [],
  describe: ({ why }) => described("bad", "nothing was provisioned", why),
});

function callProvider(): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "provision", request: { do: "call", name: provision.name, input: null } };
}

/** Rule 2. */
function waitForProvider(context: StepContext, provider: string): Move<Fact> {
  const waited = waitedForEffect(context);
  if (waited < context.input.patience.gateMs) return { to: "poll-again" };
  const minutes = Math.round(waited / 60_000);
  return fail("timeout", "environment_timeout", `${provider} has not made the environment ready for ${minutes} min`);
}

function fail(kind: FailureRequest["kind"], code: string, message: string): Move<Fact> {
  return { to: "fail", failure: { kind, code, message, detail: null } };
}
