import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scratchRepository } from "./scratch-repository.js";
import { clearStaleLocks } from "./stale-locks.js";

const HOUR_MS = 3_600_000;

it.each([
  ["F:C10 long ago is cleared", -HOUR_MS, 1],
  ["F:C9 before the clock was set back by an hour is cleared", HOUR_MS, 1],
  ["F:C10 just now stays: a living git may hold it", 0, 0],
])("a lock that was left %s", async (_name, ageMs, cleared) => {
  await using scratch = await scratchRepository();
  const folder = join(scratch.bare, "refs", "heads");
  await mkdir(folder, { recursive: true });
  const at = new Date(Date.now() + ageMs);
  await writeFile(join(folder, "main.lock"), "");
  await utimes(join(folder, "main.lock"), at, at);
  expect(await clearStaleLocks(scratch.bare)).toBe(cleared);
  expect((await readdir(folder)).includes("main.lock")).toBe(cleared === 0);
});
