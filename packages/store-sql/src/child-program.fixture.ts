/** What the children of `processes.int.test.ts` run: one task on one database, one line per acknowledged thing. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { isMillraceError } from "@millrace/kernel";
import { openSqliteStore } from "./open-sqlite-store.js";
import type { SqlStore } from "./open-sqlite-store.js";
import { WS, transition } from "./records.fixture.js";

const say = (text: string): void => void writeSync(1, `${text}\n`);
const MOST = 1_000_000;

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
