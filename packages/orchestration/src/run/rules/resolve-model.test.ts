import type { CatalogueModel } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { findModel, resolveModel, usableByJobs, type ModelQuery } from "./resolve-model.logic.js";

const way = { via: "direct", provider: "acme", model: "one-v2", vendor: null, contextTokens: null, price: null } as const;
const both: CatalogueModel = { id: "one", label: "One", description: "", ways: [{ ...way, serves: ["ask-agent", "start-job"] }] };
const callsOnly: CatalogueModel = { ...both, id: "two", ways: [{ ...way, model: "two", serves: ["ask-agent"] }] };
const mixed: CatalogueModel = {
  ...both,
  id: "three",
  ways: [
    { ...way, provider: "plain", model: "three", serves: ["ask-agent"] },
    { ...way, via: "subscription", provider: "acme", model: "three", vendor: "acme", serves: ["start-job"] },
  ],
};
const catalogue = { models: [both, callsOnly, mixed] };
const query: ModelQuery = { kind: "coder", request: "start-job", own: null };
const resolve = (named: { own?: string; block?: string; workspace?: string }, over: Partial<ModelQuery> = {}) =>
  resolveModel(
    {
      block: { modelId: named.block ?? null },
      settings: { models: named.workspace === undefined ? {} : { coder: named.workspace } },
      catalogue,
    },
    { ...query, own: named.own ?? null, ...over },
  );

describe("the model of a request", () => {
  it("MOD-05 is that of the step, else of the block, else of the workspace for the kind, else the deployment's", () => {
    expect(resolve({ own: "a", block: "b", workspace: "c" })).toMatchObject({ model: "a", from: "step" });
    expect(resolve({ block: "b", workspace: "c" })).toMatchObject({ model: "b", from: "block" });
    expect(resolve({ workspace: "c" })).toMatchObject({ model: "c", from: "workspace" });
    expect(resolve({ workspace: "c" }, { kind: "tester" })).toEqual({ model: null, from: "deployment", refusal: null });
  });

  it("MOD-05 has the name that its provider knows, by the first way that serves the request", () => {
    expect(resolve({ block: "one" })).toEqual({ model: "acme:one-v2", from: "block", refusal: null });
    expect(resolve({ block: "acme:one-v2" })).toEqual({ model: "acme:one-v2", from: "block", refusal: null });
    expect(resolve({ block: "three" })).toMatchObject({ model: "acme:three" });
    expect(resolve({ block: "three" }, { request: "ask-agent" })).toMatchObject({ model: "plain:three" });
    expect(resolve({ block: "unlisted" })).toEqual({ model: "unlisted", from: "block", refusal: null });
  });

  it("MOD-06 is refused for a job when no provider of it declares to serve jobs", () => {
    expect(resolve({ block: "two" })).toMatchObject({ model: "two", refusal: expect.stringContaining("jobs") });
    expect(resolve({ block: "two" }, { request: "ask-agent" })).toMatchObject({ refusal: null });
    expect([both, callsOnly, mixed].map(usableByJobs)).toEqual([true, false, true]);
    expect(findModel(catalogue, "acme:three")?.id).toBe("three");
    expect(findModel(catalogue, "nobody:three")).toBeNull();
  });
});
