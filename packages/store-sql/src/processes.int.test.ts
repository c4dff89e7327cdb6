import path from "node:path";
import { LOG_START } from "@millrace/kernel";
import { expect, it, onTestFinished } from "vitest";
import { openSqliteStore } from "./open-sqlite-store.js";
import type { SqlStore } from "./open-sqlite-store.js";
import type { ChildProgram } from "./processes.fixture.js";
import { startProgram } from "./processes.fixture.js";
import { WS, aRecord, board } from "./records.fixture.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

const KILLS = 4;
const open = (file: string): Promise<SqlStore> => openSqliteStore({ path: file, clock: { now: () => 1000 } });

/** A database whose tasks all have a live run, due at once. */
async function aDatabase(runs: number): Promise<string> {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  await using opened = await open(file);
  await opened.store.commit(board(runs));
  for (let index = 0; index < runs; index += 1) {
    const runId = index === 0 ? "run_a" : `run_${index}`;
    await opened.store.commit([
      { change: "insert-run", record: aRecord(runId, 1, `tsk_${index}`) },
      { change: "wake", workspaceId: WS, runId, at: 0 },
    ]);
  }
  return file;
}

/** Starts one per name, lets them begin together, and returns what each said. */
async function together(task: string, file: string, names: readonly string[]): Promise<readonly (readonly string[])[]> {
  const children = names.map((name) => startProgram(task, file, name, onTestFinished));
  for (const child of children) expect(await child.line()).toBe("ready");
  for (const child of children) child.go();
  return Promise.all(children.map(allLines));
}

async function allLines(child: ChildProgram): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let line = await child.line(); line !== null; line = await child.line()) lines.push(line);
  return lines;
}

it("every commit that was acknowledged before a kill is there afterwards, and none is torn", async () => {
  const file = await aDatabase(1);
  let revision = 1;
  for (let round = 1; round <= KILLS; round += 1) {
    const child = startProgram("commit", file, "writer", onTestFinished);
    expect(await child.line()).toBe("ready");
    child.go();
    for (let acknowledged = 0; acknowledged < 25 * round; acknowledged += 1) expect(await child.line()).toBe(String(++revision));
    revision = Number((await child.kill()).at(-1) ?? revision);

    await using opened = await open(file);
    const stored = (await opened.store.runs.get(WS, "run_a"))?.revision ?? 0;
    // The last one may have landed without a word.
    expect([revision, revision + 1]).toContain(stored);
    const sequences = await sequencesOf(opened, stored);
    expect(sequences).toEqual(Array.from({ length: stored - 1 }, (_, index) => index + 2));
    expect(await opened.wakeups.nextDueAt()).toBe(stored - 1);
    revision = stored;
  }
  expect(revision).toBeGreaterThan(25 * KILLS);
});

async function sequencesOf({ store }: SqlStore, most: number): Promise<readonly (number | null)[]> {
  const sequences: (number | null)[] = [];
  for (let after = 0; after < most; after += 1000) {
    sequences.push(...(await store.events.ofRun(WS, "run_a", after, 1000)).map(({ sequence }) => sequence));
  }
  return sequences;
}

it("two processes that write one run take turns, and none overwrites the other", async () => {
  const file = await aDatabase(1);
  const said = await together("contend", file, ["one", "two"]);
  expect(said.map((lines) => lines.length)).toEqual([100, 100]);
  const revisions = said.flat().map(Number);
  expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index + 2));
  await using opened = await open(file);
  expect((await opened.store.runs.get(WS, "run_a"))?.revision).toBe(201);
  expect(await opened.store.events.read(WS, LOG_START, 1000)).toHaveLength(200);
});

it("two processes that claim share the runs, and none is claimed twice", async () => {
  const file = await aDatabase(60);
  const said = await together("claim", file, ["one", "two"]);
  const claimed = said.flat();
  expect(claimed).toHaveLength(60);
  expect(new Set(claimed).size).toBe(60);
});

it("two processes that reserve under one cap get exactly what fits", async () => {
  const file = await aDatabase(60);
  const said = await together("reserve", file, ["one", "two"]);
  expect(new Set(said.flat()).size).toBe(20);
  expect(said.flat()).toHaveLength(20);
  await using opened = await open(file);
  expect(await opened.store.spend.total(WS, "month")).toEqual({ settledMicros: 0, reservedMicros: 20 });
});

it("two processes that start runs under one limit start exactly as many as it allows", async () => {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  await using opened = await open(file);
  await opened.store.commit(board(60));
  const said = await together("start", file, ["one", "two"]);
  expect(said.flat()).toHaveLength(20);
  const live = await opened.store.runs.list(WS, { live: true }, { limit: 200 });
  expect(live.map(({ id }) => id).toSorted()).toEqual(said.flat().toSorted());
});

it("processes that open a new file at the same moment all get a whole schema", async () => {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  const said = await together("open", file, ["one", "two", "three"]);
  expect(said).toEqual([["opened"], ["opened"], ["opened"]]);
  await using opened = await open(file);
  await opened.store.commit(board(1));
  expect(await opened.store.blocks.children(WS, null, { limit: 9 })).toHaveLength(1);
});
