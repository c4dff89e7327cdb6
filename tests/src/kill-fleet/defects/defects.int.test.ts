/**
 * Faults that the engine once had, put back into the source that workers load: the verification of a fleet notices each. Those that show
 * by silence take as long as the silence: `tooling/kill-fleet/run.ts --defect NAME` puts any of them back.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sqliteFile } from "../database.fixture.js";
import { runFleet } from "../fleet.fixture.js";
import { runMachines, type MachinesOptions } from "../machines/fleet.fixture.js";
import { mishapCounts, type Mishap } from "../machines/mishaps.logic.js";
import { preloadOf, type DefectName } from "./defects.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Violations of a small fleet with that defect, as `is rule`. */
async function found(
  defect: DefectName,
  options: Partial<MachinesOptions> & Pick<MachinesOptions, "runs">,
  befalls: Partial<Record<Mishap, number>> = {},
): Promise<readonly string[]> {
  const { violations } = await runMachines({
    database: sqliteFile(join(folder, "fleet.db"), 2),
    folder,
    cache: join(folder, "compiled"),
    machines: 1,
    kills: 0,
    seed: 7,
    limitMs: 80_000,
    quietMs: 15_000,
    mishaps: mishapCounts((name) => befalls[name] ?? 0),
    preload: [preloadOf(defect)],
    ...options,
  });
  expect(violations.filter(({ rule }) => rule === "worker-died")).toEqual([]);
  return violations.map(({ is, rule }) => `${is} ${rule}`);
}

it("F:B1 what failed and lost work spent is settled", async () => {
  const { violations } = await runFleet({
    database: sqliteFile(join(folder, "fleet.db"), 1),
    cache: join(folder, "compiled"),
    runs: 16,
    kills: 0,
    seed: 5,
    limitMs: 60_000,
    preload: [preloadOf("usage of failed work is not settled")],
  });
  expect(violations).toContainEqual(expect.objectContaining({ is: "wrong", rule: "settled" }));
}, 120_000);

it("F:B2 a cost without token counts is settled", async () => {
  expect(await found("a cost without token counts is dropped", { runs: 1 })).toContain("wrong settled");
}, 120_000);

it("F:C10 the processes of a job whose folder was deleted are ended before the next job begins", async () => {
  const rules = await found(
    "the processes of a job whose folder is gone live on",
    { runs: 1, slowness: 5, quietMs: 30_000 },
    { "deleted-folder": 1 },
  );
  expect(rules).toContain("twice at-once");
}, 120_000);

it("F:C16 of two hosts on one machine, one does not take a job for lost that the other is about to start", async () => {
  expect(await found("a job is over before it was started", { runs: 3, quietMs: 40_000 })).toContain("lost job");
}, 120_000);
