import { builtInGates, createRegistries } from "@millrace/orchestration";
import { afterAll, describe, expect, it } from "vitest";
import type { ExplorationReport } from "./explore.js";
import { explore, explorerCatalogue, explorerMutants } from "./index.js";

const isFull = process.env["MILLRACE_EXPLORER"] === "full";
const pipelines = explorerCatalogue.filter(({ isLarge }) => isFull || isLarge !== true);

describe("every interleaving of driver, people, late results and crashes", () => {
  const lines: string[] = [];
  afterAll(() => console.log(lines.join("\n")));

  it.each(pipelines)(
    "$name",
    ({ name, steps, faults = {} }) => {
      const begin = performance.now();
      const report = explore({ steps, faults });
      lines.push(line(name, report, (performance.now() - begin) / 1000));
      expect(report.violations).toEqual([]);
      expect(report.cut).toBe(false);
      expect(report.ends).toEqual(expect.arrayContaining(["done", "cancelled", "failed stopped"]));
    },
    600_000,
  );
});

describe("an engine broken on purpose", () => {
  const lines: string[] = [];
  afterAll(() => console.log(lines.join("\n")));

  it.each(explorerMutants.map((mutant) => [mutant.name, mutant.caughtBy, mutant] as const))(
    "%s: %s",
    (name, caughtBy, { engine, steps, faults = {} }) => {
      const { violations } = explore({ steps, engine, faults, until: caughtBy, maxStates: 20_000 });
      const caught = violations.find(({ invariant }) => invariant === caughtBy);
      lines.push(`${name.padEnd(52)} ${caught === undefined ? "MISSED" : `${caughtBy.padEnd(4)} ${caught.message}`}`);
      expect(caught?.trace[0], JSON.stringify(violations)).toMatch(/^start/);
    },
    60_000,
  );
});

it("has a pipeline for every step kind and every gate", () => {
  const { kinds, stepKinds } = createRegistries();
  const explored = explorerCatalogue.flatMap(({ steps }) =>
    steps.flatMap(({ kind, consensus }) => [kind, kinds.get(kind)?.step, ...(consensus === undefined ? [] : ["consensus"])]),
  );
  const missing = [...stepKinds.list().map(({ name }) => name), ...builtInGates.map(({ name }) => name)].filter(
    (name) => !explored.includes(name),
  );
  expect(missing).toEqual([]);
});

it("follows no further than it is told, and says so", () => {
  const report = explore({ steps: [{ kind: "researcher" }], maxDepth: 1 });
  expect(report.depth).toBe(1);
  expect(report.cut).toBe(true);
});

function line(name: string, report: ExplorationReport, seconds: number): string {
  const { states, transitions, refusals, violations, depth } = report;
  const counts = `${states} states, ${transitions} transitions, ${refusals} refusals, depth ${depth}, ${seconds.toFixed(1)} s`;
  return `${name}: ${counts}, ${violations.length} violations`;
}
