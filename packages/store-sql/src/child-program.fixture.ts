/** What the children of `processes.int.test.ts` run: one task on one database, one line per acknowledged thing. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import type { ErrorCode } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { openSqliteStore } from "./open-sqlite-store.js";
import type { SqlStore } from "./open-sqlite-store.js";
import { WS, aRecord, transition } from "./records.fixture.js";

const say = (text: string): void => void writeSync(1, `${text}\n`);
const MOST = 1_000_000;

/** Ids 1 to 59, every other one for `one`, the rest for `two`. */
const shareOf = (name: string, prefix: string): readonly string[] =>
  Array.from({ length: 59 }, (_, index) => index + 1)
    .filter((index) => index % 2 === (name === "one" ? 1 : 0))
    .map((index) => `${prefix}${index}`);

/** False when it was refused with that code. */
async function landed(attempt: Promise<unknown>, code: ErrorCode): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch (error) {
    if (isMillraceError(error, code)) return false;
    throw error;
  }
}

const tasks: Readonly<Record<string, (opened: SqlStore, name: string) => Promise<void>>> = {
  /** Commits transitions until it is killed; says each revision after the commit was acknowledged. */
  async commit({ store }) {
    const first = (await store.runs.get(WS, "run_a"))?.revision ?? 0;
    for (let expected = first; expected < first + MOST; expected += 1) {
      await store.commit(transition("run_a", expected));
      say(String(expected + 1));
    }
  },
  /** Commits 100 transitions against everybody else, loading again whenever it lost. */
  async contend({ store }) {
    let landed = 0;
    for (let turn = 0; turn < MOST && landed < 100; turn += 1) {
      const revision = (await store.runs.get(WS, "run_a"))?.revision ?? 0;
      try {
        await store.commit(transition("run_a", revision));
        landed += 1;
        say(String(revision + 1));
      } catch (error) {
        if (!isMillraceError(error, "stale_revision")) throw error;
      }
    }
  },
  /** Claims one due run after the other until none is left. */
  async claim({ wakeups }, name) {
    for (let turn = 0; turn < MOST; turn += 1) {
      const [claim] = await wakeups.claim({ owner: name, now: 1000, leaseMs: 60_000, limit: 1 });
      if (claim === undefined) return;
      say(claim.runId);
    }
  },
  /** Reserves one for each of its runs under one cap of 20; says which got it. */
  async reserve({ store }, name) {
    for (const runId of shareOf(name, "run_")) {
      const caps = [{ scope: "month", maxMicros: 20 }];
      if (await landed(store.commit([{ change: "reserve-spend", workspaceId: WS, runId, micros: 1, caps }]), "budget_exhausted"))
        say(runId);
    }
  },
  /** Starts a run of each of its tasks under one limit of 20; says which started. */
  async start({ store }, name) {
    for (const blockId of shareOf(name, "tsk_")) {
      const record = { ...aRecord(`run_of_${blockId}`, 1, blockId), serviceId: "service" };
      const limit = { serviceId: "service", taskType: null, max: 20 };
      if (await landed(store.commit([{ change: "insert-run", record, limit }]), "task_limit")) say(record.id);
    }
  },
  async open() {
    say("opened");
  },
};

const [task = "", file = "", name = ""] = process.argv.slice(2);
say("ready");
await once(process.stdin, "data");
const opened = await openSqliteStore({ path: file, clock: { now: () => 1000 } });
await tasks[task]?.(opened, name);
await opened.close();
