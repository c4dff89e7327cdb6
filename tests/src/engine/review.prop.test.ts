/** Reviews in a simulated fleet under faults: late, repeated and forged answers, crashes, runs that other processes take over. */
import { pipelineSchema } from "@millrace/contracts";
import { expect, it } from "vitest";
import { simulate } from "../simulator/simulate.js";

const SEEDS = 200;
const pipelines = [
  { id: "pl_asked", name: "Asked", steps: [{ kind: "requirements-review" }, { kind: "researcher" }] },
  { id: "pl_told", name: "Told", steps: [{ kind: "bug-investigator" }, { kind: "clarity-review" }] },
].map((pipeline) => pipelineSchema.parse(pipeline));

it("seed 32, in which a call that had spent its reservation was tried again above the cap, breaks no rule", async () => {
  expect((await simulate({ seed: 32, pipelines, isPlain: true })).violations).toEqual([]);
});

it("breaks no rule, and folds and second looks happen on the way", async () => {
  const seen = { folded: 0, finished: 0, faults: 0 };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations, outcomes, trace, faults } = await simulate({ seed, pipelines, isGoodWork: false });
    expect({ seed, violations }).toEqual({ seed, violations: [] });
    seen.folded += trace.filter((line) => line.includes("reworked")).length;
    seen.finished += outcomes["finished"] ?? 0;
    seen.faults += Object.values(faults).reduce((all, count) => all + count, 0);
  }
  console.log(`reviews: ${SEEDS} seeds, ${JSON.stringify(seen)}`);
  expect(seen.finished).toBeGreaterThan(SEEDS / 4);
  expect(seen.folded).toBeGreaterThan(20);
}, 120_000);
