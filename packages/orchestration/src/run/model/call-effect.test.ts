import { MillraceError, type StoreReads } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { outsideServicesOff } from "../../platform/ports-off.js";
import { decisionInput, newRun } from "../../spec/defaults.js";
import { createCallEffects, defineEffect, type EffectContext, type EffectPorts, type ServiceName } from "./call-effect.js";
import { currentStep } from "./due.logic.js";

/** The context of an effect that uses no port. */
function contextOf(): EffectContext<ServiceName> {
  const unused = () => {
    throw new MillraceError("internal", "this effect uses no port");
  };
  const run = newRun(["researcher"]);
  const ports: EffectPorts = { store: new Proxy({} as StoreReads, { get: unused }), ids: { next: unused } };
  return { run, step: currentStep(run), index: 0, key: "k", input: decisionInput(), ports, services: outsideServicesOff, at: 1 };
}

describe("a call effect", () => {
  it("is handed the outside services it needs and no others", async () => {
    const effect = defineEffect({
      name: "probe",
      input: z.null(),
      needs: ["releases", "incidents"],
      perform: (_input, { services }) => Promise.resolve({ value: Object.keys(services) }),
    });
    expect(effect.needs).toEqual(["releases", "incidents"]);
    expect(await effect.perform(null, contextOf())).toEqual({ value: ["releases", "incidents"] });
  });

  it("brings the samples it declares, and none unless it says so", () => {
    const one = { name: "probe", input: z.null(), perform: () => Promise.resolve({ value: null }) };
    expect(defineEffect(one).samples).toEqual([]);
    expect(defineEffect({ ...one, samples: [["healthy", true]] }).samples).toEqual([["healthy", true]]);
  });

  it("needs none unless it says so", async () => {
    const effect = defineEffect({
      name: "probe",
      input: z.null(),
      perform: (_input, { services }) => Promise.resolve({ value: Object.keys(services) }),
    });
    expect(await effect.perform(null, contextOf())).toEqual({ value: [] });
  });

  it("refuses an input of another shape before it does anything", () => {
    const effect = defineEffect({
      name: "probe",
      input: z.strictObject({ since: z.number() }),
      perform: () => Promise.resolve({ value: "done" }),
    });
    expect(() => effect.perform({ since: "yesterday" }, contextOf())).toThrow(
      expect.objectContaining({ code: "validation", fix: expect.stringContaining("step kind") }),
    );
  });

  it("is found by its name, the last of several; one that is not there is named with those that are", () => {
    const named = (value: string) => defineEffect({ name: "probe", input: z.null(), perform: () => Promise.resolve({ value }) });
    const [first, second] = [named("first"), named("second")];
    const effects = createCallEffects([first, second]);
    expect(effects.get("probe")).toBe(second);
    expect(() => effects.get("other")).toThrow(
      expect.objectContaining({ code: "stored_shape_invalid", fix: expect.stringContaining("probe") }),
    );
  });
});
