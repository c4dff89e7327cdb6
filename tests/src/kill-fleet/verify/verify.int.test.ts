import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqliteFile } from "../database.fixture.js";
import { runFleet } from "../fleet.fixture.js";
import { ledgerSchema, type Ledger } from "../ledger.schema.js";
import { verifyFleet, type Evidence } from "./verify.fixture.js";

let folder: string;
let evidence: Evidence;
let copies = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
  ({ evidence } = await runFleet({
    database: sqliteFile(join(folder, "fleet.db"), 1),
    cache: join(folder, "compiled"),
    runs: 24,
    kills: 0,
    seed: 5,
    limitMs: 120_000,
  }));
}, 150_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function copyOfDatabase(): Promise<string> {
  const path = join(folder, `copy-${(copies += 1)}.db`);
  await copyFile(evidence.database, path);
  return path;
}

/** Violations as `is rule`. */
async function judged(changed: Partial<Evidence>): Promise<readonly string[]> {
  const violations = await verifyFleet({ ...evidence, ...changed });
  return violations.map(({ is, rule }) => `${is} ${rule}`);
}

/** A copy of the database that `statement` changed. The statement must change something. */
async function tamperedDatabase(statement: string): Promise<string> {
  const databasePath = await copyOfDatabase();
  const database = new DatabaseSync(databasePath, { enableForeignKeyConstraints: false });
  expect(database.prepare(statement).run().changes).toBeGreaterThan(0);
  database.close();
  return databasePath;
}

function tamperedLedger(tamper: (ledger: Ledger) => void): Ledger {
  const ledger = ledgerSchema.parse(structuredClone(evidence.ledger));
  tamper(ledger);
  return ledger;
}

const A_MERGED_RUN = "(select run_id from events where json_extract(entry, '$.event.type') = 'merged' order by cursor limit 1)";
const A_RETRIED_RUN = "(select json_extract(document, '$.supersedes') from runs where json_extract(document, '$.supersedes') is not null)";

describe("the verification of a fleet", () => {
  it("finds nothing in a fleet that was left alone", async () => {
    expect(await verifyFleet(evidence)).toEqual([]);
    expect(evidence.ledger.merges.length).toBeGreaterThan(5);
  });

  it.each([
    ["an event is gone", "lost gapless", `delete from events where run_id = ${A_MERGED_RUN} and sequence = 4`],
    ["the last event is gone", "wrong revision", `delete from events where cursor = (select max(cursor) from events)`],
    [
      "a stored run is not what its events say",
      "wrong fold",
      `update runs set document = json_set(document, '$.steps[0].effects', 9) where id = ${A_MERGED_RUN}`,
    ],
    ["a run is gone", "lost run-row", `delete from runs where id = ${A_MERGED_RUN}`],
    ["a reservation was never given back", "wrong reserved", `update spend_totals set reserved_micros = 5 where scope like 'month/%'`],
    ["a run is listed as live", "wrong status", `update runs set status = 'running' where id = ${A_MERGED_RUN}`],
    ["nothing would ever look at a live run", "stuck asleep", `update runs set status = 'running' where id = ${A_MERGED_RUN}`],
    [
      "two runs of a block were live at a time",
      "twice live-run",
      `update events set cursor = 1000000 where json_extract(entry, '$.event.type') = 'run-failed' and run_id = ${A_RETRIED_RUN}`,
    ],
    [
      "an effect was asked for twice",
      "twice effect-key",
      `update events set entry = (select entry from events e where e.run_id = events.run_id
         and json_extract(e.entry, '$.event.type') = 'effect-requested' order by sequence limit 1)
       where run_id = ${A_MERGED_RUN} and json_extract(entry, '$.event.type') = 'effect-requested'`,
    ],
    [
      "a finished run still has a wake-up",
      "wrong wake-up",
      `insert into wakeups select workspace_id, id, 1, null, null, 0 from runs where id = ${A_MERGED_RUN}`,
    ],
    [
      "a dead worker still claims a run",
      "wrong claim",
      `insert into wakeups select workspace_id, id, 1, 'host/1/1', 2, 0 from runs where id = ${A_MERGED_RUN}`,
    ],
    ["a merge is not recorded on its block", "lost merged", `update blocks set merged = null where run_id = ${A_MERGED_RUN}`],
    ["a block is done without a merge", "wrong block-done", `update blocks set merged = null where run_id = ${A_MERGED_RUN}`],
    ["usage is gone", "lost usage", "delete from usage where key = (select key from usage limit 1)"],
    [
      "F:B1 what failed work spent is not recorded",
      "lost usage",
      "delete from usage where run_id in (select id from runs where status = 'failed')",
    ],
    [
      "F:B1 what failed work spent is not settled",
      "wrong settled",
      "update spend_totals set settled_micros = 0 where scope in (select 'run/' || id from runs where status = 'failed')",
    ],
    ["usage is counted twice", "wrong usage", "update usage set input_tokens = 2 * input_tokens"],
    ["an output is gone", "lost output", `delete from outputs where run_id = ${A_MERGED_RUN}`],
    ["an output is another text", "wrong output", "update outputs set content = content || '.'"],
    [
      "a notification asks for what is decided",
      "wrong notification",
      "update notifications set status = 'open', resolved_at = null where status = 'acted'",
    ],
    ["nobody was told of a wait", "lost notification", "delete from notifications where status = 'acted'"],
    ["a row points nowhere", "wrong integrity", `delete from blocks where run_id = ${A_MERGED_RUN}`],
  ])("notices that %s", async (_name, rule, statement) => {
    expect(await judged({ database: await tamperedDatabase(statement) })).toContain(rule);
  });

  it("notices a damaged file", async () => {
    const databasePath = await copyOfDatabase();
    const file = await open(databasePath, "r+");
    await file.write(new Uint8Array(3 * 4096).fill(7), 0, 3 * 4096, 8 * 4096);
    await file.close();
    expect(
      (await judged({ database: databasePath })).filter((found) => found === "wrong integrity" || found === "lost readable"),
    ).not.toEqual([]);
  });

  it.each<[string, string, (ledger: Ledger) => void]>([
    ["work was done twice", "twice performed", ({ keys }) => edit(keys, { performed: 2 })],
    ["work was never done", "lost performed", ({ keys }) => edit(keys, { performed: 0 })],
    ["work began before it was written down", "wrong intent-first", ({ keys }) => edit(keys, { intended: false })],
    [
      "a second coder worked under another key",
      "twice coders",
      ({ keys }) => again(keys, (one) => one.kind === "coder", { key: "run_x/0/1/work.9" }),
    ],
    [
      "I14 one change was assessed three times",
      "twice assessed",
      ({ keys }) => {
        for (const key of ["run_x/3/1/judge.8", "run_x/3/1/judge.9"]) again(keys, ({ kind }) => kind === "merger", { key });
      },
    ],
    ["work was done that no event asks for", "lost intent", ({ keys }) => edit(keys, { key: "run_x/0/1/work.9" })],
    ["a job of the history never ran", "wrong invented-job", ({ keys }) => edit(keys, { key: "run_x/0/1/work.9" })],
    ["a change was committed twice", "twice commits", ({ commits }) => again(commits, () => true, {})],
    ["a commit is gone", "lost commits", ({ commits }) => void commits.pop()],
    ["a branch was merged twice", "twice landed", ({ merges }) => again(merges, () => true, { commit: "f".repeat(40) })],
    ["a merge is in no history", "lost merge-record", ({ merges }) => edit(merges, { commit: "f".repeat(40) })],
    ["a recorded merge never landed", "wrong invented-merge", ({ merges }) => void merges.pop()],
    ["another head landed than the recorded one", "wrong merge-evidence", ({ merges }) => edit(merges, { head: "f".repeat(40) })],
    ["what landed was never asked for", "wrong merge-intent", ({ merges }) => edit(merges, { base: "f".repeat(40) })],
    ["what landed was never green", "wrong merge-green", ({ merges }) => edit(merges, { green: false })],
    [
      "a merge was pushed away from the base",
      "lost mainline",
      ({ mainlines }) => void mainlines.find(({ commits }) => commits.length > 0)?.commits.pop(),
    ],
    ["a second pull request was opened", "twice pull-requests", ({ pullRequests }) => edit(pullRequests, { opened: 99 })],
  ])("notices that %s", async (_name, rule, tamper) => {
    expect(await judged({ ledger: tamperedLedger(tamper) })).toContain(rule);
  });

  it("notices that an acknowledged answer, stop or retry is in no history, and one that counted twice", async () => {
    // A rejected run stops; one that was assessed for its merge went on.
    const went = new Set(evidence.ledger.keys.flatMap(({ kind, runId }) => (kind === "merger" ? [runId] : [])));
    const [one] = evidence.acknowledged.filter(({ did, runId }) => did === "answer" && went.has(runId));
    if (one === undefined) throw new Error("nothing was answered");
    const forged = [
      { ...one, wait: "nothing" },
      { ...one, did: "stop" as const, wait: null },
      { ...one, did: "retry" as const, runId: "run_x", wait: null },
    ];
    expect(await judged({ acknowledged: forged })).toEqual(["lost acknowledged", "lost acknowledged", "lost acknowledged"]);
    expect(await judged({ acknowledged: [{ ...one, refusedAgain: false }] })).toEqual(["twice acknowledged"]);
    expect(await judged({ acknowledged: [one, one] })).toEqual(["lost acknowledged"]);
  });

  it("notices a run that did not end as its story ends, one too many, and one that is missing", async () => {
    const replan = (change: Partial<Evidence["plan"]["tasks"][number]>): Partial<Evidence> => ({
      plan: { ...evidence.plan, tasks: evidence.plan.tasks.map((task, index) => (index === 0 ? { ...task, ...change } : task)) },
    });
    expect(await judged(replan({ end: { is: "failed", kind: "timeout", code: "timed_out" } }))).toEqual(["wrong end"]);
    expect(await judged(replan({ runs: 9 }))).toEqual(["lost runs"]);
    expect(await judged(replan({ runs: 0 }))).toEqual(["twice runs"]);
    expect(await judged(replan({ name: "t-none" }))).toContain("lost block");
  });
});

function edit<T extends object>(list: T[], change: Partial<T>): void {
  const [first] = list;
  if (first === undefined) throw new Error("there is nothing to tamper with");
  Object.assign(first, change);
}

function again<T extends object>(list: T[], which: (one: T) => boolean, change: Partial<T>): void {
  const found = list.find(which);
  if (found === undefined) throw new Error("there is nothing to tamper with");
  list.push({ ...found, ...change });
}
