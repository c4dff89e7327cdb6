import { builtInAgentKinds, defineAgentKind } from "@millrace/agents";
import { pipelineSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerFor } from "./answer.logic.js";
import { brokenHosts } from "./broken.fixture.js";
import { putBack } from "./disturbed.fixture.js";
import { faultKinds, type FaultKind } from "./faults.js";
import { coverageKinds } from "./coverage.logic.js";
import { simulatedPipelines } from "./pipelines.js";
import { createRandom } from "./random.logic.js";
import { simulate, type SimulationReport } from "./simulate.js";

/** Number of seeds; override with MILLRACE_SEEDS. `pnpm simulate` runs any number. */
const SEEDS = Number(process.env["MILLRACE_SEEDS"] ?? 200);
/** One in so many seeds is simulated without disturbances. */
const PLAIN_ONE_IN = 3;
/** Number of seeds within which a defect must be noticed. Most need one; a head that moves just before its merge is rare. */
const NOTICED_WITHIN = 300;
/** Number of seeds that suffice to see which rules notice a defect. */
const TOLD_WITHIN = 60;
/** A short pipeline, so that the result does not depend on the built-in pipelines. */
const SHORT = pipelineSchema.parse({
  id: "pl_short",
  name: "Short",
  steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
});

function sum(
  reports: readonly SimulationReport[],
  of: (report: SimulationReport) => Readonly<Record<string, number>>,
): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const report of reports) for (const [name, count] of Object.entries(of(report))) totals[name] = (totals[name] ?? 0) + count;
  return totals;
}

describe("a fleet under faults", () => {
  it(
    "breaks no rule, whatever fails and whatever interferes",
    async () => {
      const reports: SimulationReport[] = [];
      // Undisturbed runs come further: more of them merge while processes fail.
      for (let seed = 1; seed <= SEEDS; seed += 1)
        reports.push({ ...(await simulate({ seed, isPlain: seed % PLAIN_ONE_IN === 0 })), trace: [] });
      const [faults, outcomes] = [sum(reports, (report) => report.faults), sum(reports, (report) => report.outcomes)];
      const coverage = sum(reports, (report) => report.coverage);
      const simulated = new Set(reports.flatMap((report) => Object.keys(report.pipelines)));
      const total = Object.values(faults).reduce((all, count) => all + count, 0);
      console.log(`simulator: ${SEEDS} seeds, ${total} faults, ${JSON.stringify(outcomes)}`);
      expect(reports.filter(({ violations }) => violations.length > 0).map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
      expect(faultKinds.filter((kind: FaultKind) => faults[kind] === 0)).toEqual([]);
      expect(coverageKinds.filter((kind) => coverage[kind] === 0)).toEqual([]);
      expect(simulatedPipelines.map(({ id }) => id).filter((id) => !simulated.has(id))).toEqual([]);
      expect(outcomes["merged"]).toBeGreaterThan(SEEDS / 2);
      expect(Object.keys(outcomes).length).toBeGreaterThan(6);
    },
    6 * 3_600_000,
  );

  it.each([1_002_216, 1_004_708, 1_014_909])(
    "seed %i, in which a task that merged was once given back to the plan, breaks no rule",
    async (seed) => {
      expect((await simulate({ seed, isPlain: true })).violations).toEqual([]);
    },
  );

  it("seed 382, in which a step that a rework started over was held for a budget although its rate is flat, breaks no rule", async () => {
    expect((await simulate({ seed: 382, isPlain: true })).violations).toEqual([]);
  });

  it("seed 4001596, in which a start that had looked before a merge began a run behind it, breaks no rule", async () => {
    expect((await simulate({ seed: 4_001_596, isPlain: true })).violations).toEqual([]);
  });

  it("seed 793, in which a run ended with a merge while a job ran that it was paused in front of, breaks no rule", async () => {
    expect((await simulate({ seed: 793, isPlain: true })).violations).toEqual([]);
  });

  it("seed 204, in which a run that waited saw no merge of the pull request of an earlier one, breaks no rule", async () => {
    expect((await simulate({ seed: 204, isPlain: true })).violations).toEqual([]);
  });

  it.each([
    [1053, "a call failed for good whose reply had been lost"],
    [1249, "a task was torn down whose earlier change had been merged by hand"],
    [5_000_331, "a call failed for good whose process had died with the reply"],
  ])("seed %i, in which %s, breaks no rule", async (seed) => {
    expect((await simulate({ seed })).violations).toEqual([]);
  });

  it("the same seed replays exactly, and another one does not", async () => {
    const [one, again, other] = [await simulate({ seed: 7 }), await simulate({ seed: 7 }), await simulate({ seed: 8 })];
    expect(again).toEqual(one);
    expect(one.trace.length).toBeGreaterThan(50);
    expect(other.trace).not.toEqual(one.trace);
  });
});

describe("what is broken is noticed", () => {
  it.each(Object.keys(brokenHosts))(
    `%s, within ${NOTICED_WITHIN} seeds`,
    async (name) => {
      let found: SimulationReport | null = null;
      for (let seed = 1; seed <= NOTICED_WITHIN && found === null; seed += 1) {
        const report = await simulate({ seed, pipelines: [SHORT], isPlain: true, ...brokenHosts[name] });
        if (report.violations.length > 0) found = report;
      }
      expect(found?.violations.length).toBeGreaterThan(0);
      expect((await simulate({ seed: found?.seed ?? 0, pipelines: [SHORT], isPlain: true, ...brokenHosts[name] })).violations).toEqual(
        found?.violations,
      );
    },
    60_000,
  );
});

describe("faults that were put back are told", () => {
  it.each(Object.keys(putBack))(
    "%s",
    async (name) => {
      let found: SimulationReport | null = null;
      for (let seed = 1; seed <= NOTICED_WITHIN && found === null; seed += 1) {
        const report = await simulate({ seed, pipelines: [SHORT], ...putBack[name] });
        if (report.violations.length > 0) found = report;
      }
      const rules = found?.violations.map(({ rule }) => rule) ?? [];
      expect(putBack[name]?.told).toContain(rules[0]);
    },
    180_000,
  );
});

describe("what is broken is told by its rule", () => {
  it.each([
    ["a store that knows no caps", ["I9", "P6"]],
    ["a store that gives no reservation back", ["P6"]],
    ["a store that counts what was spent twice", ["P6", "I10"]],
    ["a store that knows no task limit", ["I8"]],
    ["F:C1 a forge that takes every change for the same", ["I3"]],
    ["F:B1 an engine that records no usage of failed jobs", ["I15"]],
    ["F:B1 an engine that records no usage of stopped calls", ["I15"]],
    ["F:B1 an engine that records no usage of failed calls", ["I15"]],
    ["F:B1 an engine that records no usage of repair calls", ["I15"]],
    ["F:B2 an engine that drops a cost without token counts", ["I15"]],
    ["F:B3 an engine whose reservation of 0 lifts the caps", ["I9", "P6"]],
    ["F:B1 an engine that records usage again after a crash", ["P6", "I10", "I11", "I15"]],
  ])("%s: %j", async (name, rules) => {
    const found = new Set<string>();
    for (let seed = 1; seed <= TOLD_WITHIN || (found.size === 0 && seed <= NOTICED_WITHIN); seed += 1) {
      const { violations } = await simulate({ seed, pipelines: [SHORT], isPlain: true, ...brokenHosts[name] });
      const [first] = violations;
      if (first !== undefined) found.add(first.rule);
    }
    expect([...found].filter((rule) => !rules.includes(rule))).toEqual([]);
    expect(found.size).toBeGreaterThan(0);
  });
});

describe("simulated agents", () => {
  it("every built-in kind gets answers of its shape", () => {
    const random = createRandom(1);
    const kinds = builtInAgentKinds.flatMap(({ id, answer }) => (answer === null ? [] : [{ id, answer }]));
    expect(kinds.length).toBeGreaterThan(2);
    for (const { id, answer } of kinds) {
      const schema = z.toJSONSchema(answer);
      for (let draw = 0; draw < 50; draw += 1)
        expect([id, answer.safeParse(answerFor(z.json().parse(schema), random)).error]).toEqual([id, undefined]);
    }
  });

  it("a kind whose answer nobody can make up ends the simulation with its name", async () => {
    const answer = z.object({ word: z.string().regex(/^[aeiou]{9}$/u) });
    const speller = defineAgentKind({ id: "speller", step: "inline", intent: "spell", role: "", answer });
    const pipelines = [pipelineSchema.parse({ id: "pl_spell", name: "Spell", steps: [{ kind: "speller" }] })];
    await expect(simulate({ seed: 1, pipelines, engine: { agentKinds: [speller] } })).rejects.toMatchObject({
      code: "validation",
      message: expect.stringContaining("speller: answer.word"),
    });
  });
});
