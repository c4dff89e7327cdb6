import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LOG_START } from "@millrace/kernel";
import { expect, it, onTestFinished } from "vitest";
import { openSqliteStore } from "./open-sqlite-store.js";
import type { SqlStore } from "./open-sqlite-store.js";
import { WS, aRecord, aReview, anItem, board, transition } from "./records.fixture.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

/** A store with one run of two revisions, on which the SQL was run behind its back. */
async function tampered(sql: string): Promise<SqlStore> {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  const opened = await openSqliteStore({ path: file, clock: { now: () => 0 } });
  const run = { change: "insert-run", record: aRecord("run_a") } as const;
  const review = { change: "insert-review", review: aReview("rev_a"), items: [anItem("one", "rev_a")] } as const;
  const caps = [{ scope: "month", maxMicros: null }];
  const spend = { change: "reserve-spend", workspaceId: WS, runId: "run_a", micros: 1, caps } as const;
  await opened.store.commit([...board(1), run, ...transition("run_a", 1), review, spend]);
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return opened;
}

const READS = {
  run: ({ store }: SqlStore) => store.runs.get(WS, "run_a"),
  runs: ({ store }: SqlStore) => store.runs.list(WS, {}, { limit: 9 }),
  log: ({ store }: SqlStore) => store.events.read(WS, LOG_START, 9),
  events: ({ store }: SqlStore) => store.events.ofRun(WS, "run_a", 0, 9),
  block: ({ store }: SqlStore) => store.blocks.get(WS, "tsk_0"),
  workspace: ({ store }: SqlStore) => store.workspaces.get(WS),
  review: ({ store }: SqlStore) => store.reviews.get(WS, "rev_a"),
  items: ({ store }: SqlStore) => store.reviews.items(WS, "rev_a"),
  spend: ({ store }: SqlStore) => store.spend.total(WS, "month"),
};

const tamperings: readonly (readonly [what: string, sql: string, read: keyof typeof READS, code: string, names: string])[] = [
  ["a run that is not JSON", "update runs set document = '{'", "run", "stored_shape_invalid", "run_a"],
  ["a run of an unknown status", "update runs set status = 'asleep'", "runs", "stored_shape_invalid", "run_a"],
  ["an event of a later shape", "update events set entry = json_set(entry, '$.version', 9)", "log", "stored_shape_newer", "run_a"],
  [
    "an event of an unknown type",
    "update events set entry = json_set(entry, '$.event.type', 'new')",
    "events",
    "stored_shape_invalid",
    "run_a",
  ],
  ["an event that is not JSON", "update events set entry = 'x'", "events", "stored_shape_invalid", "run_a"],
  ["a block of an unknown status", "update blocks set status = 'asleep'", "block", "stored_shape_invalid", "tsk_0"],
  ["a workspace with settings that are not JSON", "update workspaces set settings = '{'", "workspace", "stored_shape_invalid", WS],
  ["a block of an unknown type", "update blocks set task_type = 'epic'", "block", "stored_shape_invalid", "tsk_0"],
  ["a run of an unknown type", "update runs set task_type = 'epic'", "run", "stored_shape_invalid", "run_a"],
  ["a review with a broken document", "update reviews set document = '{'", "review", "stored_shape_invalid", "rev_a"],
  ["a finding of an unknown status", "update review_items set status = 'asleep'", "items", "stored_shape_invalid", "one"],
  ["a total that is less than nothing", "update spend_totals set settled_micros = -1", "spend", "stored_shape_invalid", "month"],
  ["a block with a broken document", "update blocks set merged = '{'", "block", "stored_shape_invalid", "tsk_0"],
];

it.each(tamperings)("%s is refused, by name", async (_what, sql, read, code, names) => {
  await using opened = await tampered(sql);
  await expect(READS[read](opened)).rejects.toMatchObject({ code, message: expect.stringContaining(names), fix: expect.any(String) });
});

it("a run of a later shape is handed over as it is: the engine refuses it", async () => {
  await using opened = await tampered("update runs set shape_version = 2, document = '{\"later\":true}'");
  expect(await READS.run(opened)).toMatchObject({ shapeVersion: 2, document: { later: true } });
});

it("the error of an invalid document names the place, and never what is in it", async () => {
  await using opened = await tampered('update blocks set merged = \'{"commit":["hunter2"]}\'');
  const error: unknown = await READS.block(opened).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: expect.stringContaining("merged.commit") });
  expect(JSON.stringify([error, (error as Error).message])).not.toContain("hunter2");
});
