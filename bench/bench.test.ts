import { expect, it } from "vitest";
import { markdownOf, median, type BenchOptions, type Table } from "./measure.ts";
import { questions } from "./questions.ts";

/** How fast is never asserted: a slow machine is no defect. What is asserted is that each question measures and prints. */
const tiny: BenchOptions = {
  steps: 20,
  rounds: 1,
  boards: [2, 50],
  finishedRuns: [0, 5],
  parkedRuns: 20,
  idleSeconds: 0.2,
  liveRuns: 3,
  weighedRuns: 2,
  wakeUps: 2,
  openPullRequests: [2],
  forgeMinutes: 2,
  fromSources: true,
};
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  rate: ["SQLite FULL", "SQLite FULL, 16 runs at once", "SQLite NORMAL", "memory"],
  postgres: ["1", "4", "16"],
  "postgres-away": ["1", "4", "16"],
  board: ["2", "50"],
  boards: ["SQLite: open", "SQLite: add", "PostgreSQL: second page", "PostgreSQL: search", "PostgreSQL: add and start"],
  position: ["2", "10", "20"],
  history: ["0", "5"],
  parked: ["0", "20"],
  recovery: ["undisturbed", "kill -9, new process"],
  forge: ["2, naive", "2, conditional", "2, conditional + batched", "2, conditional + batched, webhooks"],
  "wake-up": ["insert and notify, heard by a plain listener", "1", "4", "16"],
  proxy: ["direct", "proxy", "forwarder and proxy"],
  sandbox: ["none"],
  bytes: ["runs", "events", "outputs", "all without outputs", "all"],
};

/** Children start from their sources, on whatever machine this is. */
const TIMEOUT_MS = 120_000;

it.each([...questions])("measures and prints: %s", { timeout: TIMEOUT_MS }, async (name, ask) => {
  const table = await ask(tiny);
  expect(table.rows.map(([variant]) => variant)).toEqual(expect.arrayContaining([...(VARIANTS[name] ?? [])]));
  const withoutRatio = table.rows.filter((row) => !/^\d+\.\d\d$/.test(row[table.head.indexOf("ratio")] ?? ""));
  // The memory store has no raw commits to be compared with.
  expect(withoutRatio.map(([variant]) => variant)).toEqual(name === "rate" ? ["memory"] : []);
});

it("prints Markdown that reads as text", () => {
  const table: Table = { title: "T", conditions: "C.", head: ["x", "ratio"], rows: [["long name", "1.00"]] };
  expect(markdownOf(table)).toBe("### T\n\nC.\n\n| x         | ratio |\n| ---       | ---:  |\n| long name | 1.00  |\n");
});

it("takes the middle", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
