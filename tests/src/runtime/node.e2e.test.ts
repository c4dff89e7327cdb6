/** The Node runtime with real agents and repositories, several processes whose clocks disagree, and a server that restarts. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { describeRuntimeConformance } from "./describe-runtime-conformance.fixture.js";
import { eventsOf, expectMergedOnce, OWN_FILES, restOf, startAll } from "./runtime-cases.fixture.js";
import { makeSample, openBoard, startSecondHost } from "./local-board.fixture.js";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeRuntimeConformance("PostgreSQL with pg-boss", {
  async place(folder) {
    const url = await server.createDatabase();
    return { open: () => openBoard(folder, url), second: () => startSecondHost(folder, url) };
  },
});

/** Clock skew of the second process and of the processes that it starts. */
const AHEAD_MS = 600_000;
const AHEAD = `data:text/javascript,${encodeURIComponent(`const now = Date.now.bind(Date); Date.now = () => now() + ${AHEAD_MS};`)}`;

it("two processes with clocks ten minutes apart share one board while the server restarts: each task is merged once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-node-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const url = await server.createDatabase();
  await makeSample(folder, OWN_FILES, { "answer.txt": "42\n" });
  await using runtime = await openBoard(folder, url);
  const second = await startSecondHost(folder, url, AHEAD);
  const runs = await startAll(runtime, ["one", "two", "three"]);
  await runtime.startDriver({ concurrency: 1 });
  const rest = runs.map(async (run) => restOf(runtime, run));
  await rest[0];
  await server.restart();
  const ended = await Promise.all(rest);
  second.stdin?.end();
  await once(second, "exit");

  await expectMergedOnce(runtime, folder, ended);
  const told = Date.now();
  for (const run of ended) {
    // Every process uses the database's time: events are neither in the future nor out of order.
    const times = (await eventsOf(runtime, run)).map(({ at }) => at);
    expect(Math.max(...times)).toBeLessThan(told + AHEAD_MS / 2);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
}, 150_000);
