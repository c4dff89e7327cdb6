import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { preloadOf } from "../defects/defects.js";
import { postgresServer } from "../postgres-database.fixture.js";
import { runMachines } from "./fleet.fixture.js";
import { whyNotIsolated } from "./machine.fixture.js";
import { mishapCounts } from "./mishaps.logic.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

it.skipIf(whyNotIsolated !== null)(
  `F:C16 of two machines on one database one dies and comes back, and good work ends merged${whyNotIsolated === null ? "" : ` (skipped: ${whyNotIsolated})`}`,
  async () => {
    await using database = await postgresServer(3, { durable: true });
    const outcome = await runMachines({
      database,
      folder,
      cache: join(folder, "compiled"),
      machines: 2,
      runs: 6,
      kills: 4,
      restarts: 1,
      drops: 1,
      mishaps: mishapCounts((name) => (name === "dead-machine" || name === "left-lock" ? 1 : 0)),
      seed: 7,
      limitMs: 200_000,
    });
    expect(outcome.violations).toEqual([]);
    expect(outcome.merges).toBe(6);
    expect(outcome.mishaps).toMatchObject({ "dead-machine": 1, "left-lock": 1 });
  },
  240_000,
);

it("F:C16 a machine that looks for another one's jobs in its own folder is noticed", async () => {
  await using database = await postgresServer(2, {});
  const { violations } = await runMachines({
    database,
    folder,
    cache: join(folder, "compiled"),
    machines: 2,
    runs: 5,
    kills: 0,
    mishaps: mishapCounts(() => 0),
    seed: 7,
    limitMs: 40_000,
    preload: [preloadOf("a machine looks for another one's jobs in its own folder")],
  });
  expect(violations).toContainEqual(expect.objectContaining({ is: "lost", rule: "job" }));
}, 90_000);
