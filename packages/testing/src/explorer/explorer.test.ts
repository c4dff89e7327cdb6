import { describe, expect, it } from "vitest";
import { explore, type ExplorationReport } from "../index.js";
import { catalogue, large } from "./catalogue.fixture.js";
import { mutants } from "./mutants.fixture.js";

const pipelines = process.env["MILLRACE_EXPLORER"] === "full" ? [...catalogue, ...large] : catalogue;

function line(name: string, report: ExplorationReport, seconds: number): string {
  const { states, transitions, refusals, violations, cut } = report;
  const counts = `${states} states, ${transitions} transitions, ${refusals} refusals, ${seconds.toFixed(1)} s, ${violations.length} violations`;
  return `${name}: ${counts}${cut ? ", CUT" : ""}`;
}

describe("every interleaving of driver, people, late results and crashes", () => {
  it.each(pipelines)(
    "$name",
    ({ name, steps, trouble }) => {
      const begin = performance.now();
      const report = explore({ steps, ...(trouble === undefined ? {} : { trouble }) });
      console.log(line(name, report, (performance.now() - begin) / 1000));
      expect(report.violations).toEqual([]);
      expect(report.cut).toBe(false);
      expect(report.ends).toEqual(expect.arrayContaining(["done", "cancelled", "failed stopped"]));
    },
    600_000,
  );
});

describe("an engine broken on purpose", () => {
  it.each(mutants)(
    "$name: $caughtBy",
    ({ name, engine, steps, caughtBy }) => {
      // Around a merger, foreign moves are trouble enough: the search must come to its end to see a loop.
      const trouble = steps.some(({ kind }) => kind === "merger") ? { faults: false, outsiders: false } : {};
      const report = explore({ steps, engine, trouble, maxStates: 20_000 });
      const caught = report.violations.find(({ invariant }) => invariant === caughtBy);
      console.log(
        `${name}: ${caught?.invariant ?? "MISSED"} ${caught?.message ?? report.violations.map(({ invariant, message }) => `${invariant} ${message}`).join("; ")}`,
      );
      expect(caught?.trace[0]).toBe("start");
    },
    60_000,
  );
});
