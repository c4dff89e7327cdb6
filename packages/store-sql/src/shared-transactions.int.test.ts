import path from "node:path";
import { isMillraceError, LOG_START, type Change } from "@millrace/kernel";
import { expect, it, onTestFinished } from "vitest";
import { openSqliteStore, type SqlStore } from "./open-sqlite-store.js";
import { WS, aRecord, board, transition } from "./records.fixture.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

const clock = { now: () => 0 };
const RUNS = ["run_0", "run_1", "run_2"] as const;

async function withRuns(): Promise<{ readonly file: string; readonly opened: SqlStore }> {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  const opened = await openSqliteStore({ path: file, clock });
  const records = RUNS.map((id, index): Change => ({ change: "insert-run", record: aRecord(id, 1, `tsk_${index}`) }));
  await opened.store.commit([...board(RUNS.length), ...records]);
  return { file, opened };
}

/** What became of commits that were asked for together. */
async function outcomes({ store }: SqlStore, commits: readonly (readonly Change[])[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(commits.map((changes) => store.commit(changes)));
  return results.map((one) => {
    if (one.status === "fulfilled") return "in";
    return isMillraceError(one.reason) ? one.reason.code : "no code";
  });
}

const revisions = ({ store }: SqlStore): Promise<readonly (number | null)[]> => Promise.all(RUNS.map((id) => store.runs.revision(WS, id)));

it("a stale commit among others is refused alone, and leaves nothing behind", async () => {
  const { opened } = await withRuns();
  await using _ = opened;
  const commits = [transition("run_0", 1, "tsk_0"), transition("run_1", 7, "tsk_1"), transition("run_2", 1, "tsk_2")];
  expect(await outcomes(opened, commits)).toEqual(["in", "stale_revision", "in"]);
  expect(await revisions(opened)).toEqual([2, 1, 2]);
  expect((await opened.store.events.read(WS, LOG_START, 9)).map(({ runId }) => runId)).toEqual(["run_0", "run_2"]);
});

it("of two commits on one revision asked for together, the first wins", async () => {
  const { opened } = await withRuns();
  await using _ = opened;
  expect(await outcomes(opened, [transition("run_0", 1), transition("run_0", 1)])).toEqual(["in", "stale_revision"]);
});

it("a row whose run is missing, which the end of its commit finds out, is refused alone", async () => {
  const { opened } = await withRuns();
  await using _ = opened;
  const nowhere: Change = { change: "wake", workspaceId: WS, runId: "run_nowhere", at: 1 };
  expect(await outcomes(opened, [transition("run_0", 1), [nowhere]])).toEqual(["in", "not_found"]);
  expect(await revisions(opened)).toEqual([2, 1, 1]);
});

it("a read sees what was asked for before it, and closing waits for it", async () => {
  const { file, opened } = await withRuns();
  const first = opened.store.commit(transition("run_0", 1));
  expect(await opened.store.runs.revision(WS, "run_0")).toBe(2);
  const last = opened.store.commit(transition("run_0", 2));
  await opened.close();
  await Promise.all([first, last]);
  await using again = await openSqliteStore({ path: file, clock });
  expect(await again.store.runs.revision(WS, "run_0")).toBe(3);
});
