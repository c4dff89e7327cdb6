import type { ServiceTesting } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { infrastructureRefusal, judgeTestInfrastructure, type TestInfrastructure } from "./test-infrastructure.logic.js";

const nothingNeeded: ServiceTesting = { composePath: null, noInfrastructure: true };
const compose: ServiceTesting = { composePath: "docker-compose.yml", noInfrastructure: false };
const unset: ServiceTesting = { composePath: null, noInfrastructure: false };

describe("test infrastructure (21.5)", () => {
  it.each<[boolean, "local" | "ephemeral", ServiceTesting | null, boolean, TestInfrastructure]>([
    [false, "local", nothingNeeded, false, "ok"],
    [false, "local", compose, true, "limited-local"],
    [false, "local", unset, true, "limited-local"],
    [false, "local", null, false, "limited-local"],
    [false, "ephemeral", null, true, "ok"],
    [false, "ephemeral", compose, false, "limited-ephemeral-no-provider"],
    [false, "ephemeral", nothingNeeded, false, "limited-ephemeral-no-provider"],
    [true, "ephemeral", null, false, "ok"],
    [true, "ephemeral", compose, true, "ok"],
    [true, "local", nothingNeeded, false, "ok"],
    [true, "local", compose, false, "ok"],
    [true, "local", unset, true, "local-unconfigured"],
    [true, "local", null, false, "local-unconfigured"],
  ])("local infrastructure %s, %s, %j, provider %s: %s", (localSupported, environment, testing, hasProvider, judged) => {
    expect(judgeTestInfrastructure({ localSupported, environment, testing, hasProvider })).toBe(judged);
  });

  it("reads the service only for local, and the provider only for ephemeral", () => {
    const testing = fc.constantFrom(null, nothingNeeded, compose, unset);
    fc.assert(
      fc.property(fc.boolean(), testing, testing, fc.boolean(), (localSupported, one, other, hasProvider) => {
        const ephemeral = { localSupported, environment: "ephemeral", hasProvider } as const;
        expect(judgeTestInfrastructure({ ...ephemeral, testing: one })).toBe(judgeTestInfrastructure({ ...ephemeral, testing: other }));
        const local = { localSupported, environment: "local", testing: one } as const;
        expect(judgeTestInfrastructure({ ...local, hasProvider: true })).toBe(judgeTestInfrastructure({ ...local, hasProvider: false }));
      }),
    );
  });

  it("every refusal has something to do about it, and only ok has none", () => {
    const all: readonly TestInfrastructure[] = ["ok", "limited-local", "limited-ephemeral-no-provider", "local-unconfigured"];
    expect(all.map((judged) => infrastructureRefusal(judged)?.fix !== undefined)).toEqual([false, true, true, true]);
  });
});
