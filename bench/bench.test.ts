import { expect, it } from "vitest";
import { measure, tableOf } from "./measure.ts";

it("measures every store and prints a ratio; how fast is never asserted", async () => {
  const rows = await measure({ steps: 20, rounds: 2 });
  expect(rows.map(({ store, ratio }) => [store, ratio !== null])).toEqual([
    ["SQLite FULL", true],
    ["SQLite NORMAL", true],
    ["memory", false],
  ]);
  const lines = tableOf(rows).split("\n");
  expect(lines[2]).toMatch(/^\| SQLite FULL +\| \d+ +\| \d+ +\| \d\.\d\d +\| \d+\.\d\d +\|$/);
  expect(lines.at(-1)).toMatch(/^\| memory +\| – +\| \d+ +\| \d\.\d\d +\| – +\|$/);
});
