/* oxlint-disable vitest/valid-title, vitest/expect-expect, vitest/no-conditional-tests, vitest/no-disabled-tests -- titles, assertions and skips come from the cases; this file only registers them */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runtimeCases } from "./runtime-cases.fixture.js";
import type { RuntimeHarness, RuntimeScene } from "./runtime-case.fixture.js";

/** Long, because real processes run on a machine that may be busy with other tests. */
const TIMEOUT_MS = 150_000;

/** Registers the conformance suite of runtimes: real repositories, agent processes and checks. A skip needs a reason and an existing case. */
export function describeRuntimeConformance(name: string, harness: RuntimeHarness): void {
  const skips = harness.skips ?? {};
  describe(`runtime conformance: ${name}`, () => {
    for (const { name: title, run } of runtimeCases) {
      const reason = skips[title];
      if (reason === undefined) it(title, async () => run(await openScene(harness)), TIMEOUT_MS);
      else it.skip(`${title} (${reason})`, () => undefined);
    }
    it("skips only tests that exist, each for a reason", () => {
      const known = new Set(runtimeCases.map((each) => each.name));
      expect(Object.keys(skips).filter((title) => !known.has(title))).toEqual([]);
      expect(Object.entries(skips).filter(([, reason]) => reason.trim() === "")).toEqual([]);
    });
  });
}

async function openScene(harness: RuntimeHarness): Promise<RuntimeScene> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-runtime-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const place = await harness.place(folder);
  return { folder, ...place };
}
