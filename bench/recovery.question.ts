import { join } from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { startChild } from "./child.ts";
import { INLINE_STEP, openEngineBench } from "./engine-steps.ts";
import { alternate, median, number, ratio, temporaryFolder, type BenchOptions, type Question } from "./measure.ts";

const STEPS = 6;
/** The step all runs are in when the process dies: half of each is left. */
const HOLD_AT = 3;
const clock = { now: () => Date.now() };

interface Way {
  readonly name: string;
  readonly takenUp: number[];
  readonly finished: number[];
}

/** Time of a new process for the runs of a killed one, beside the same remaining work without a kill. */
export const recovery: Question = async (options) => {
  const undisturbed: Way = { name: "undisturbed", takenUp: [], finished: [] };
  const killed: Way = { name: "kill -9, new process", takenUp: [], finished: [] };
  await alternate(options.rounds, [undisturbed, killed], (way) => measure(options, way, way === killed));
  const base = median(undisturbed.finished);
  return {
    title: "Recovery of live runs after kill -9",
    conditions:
      `Medians of ${options.rounds} rounds; ${options.liveRuns} runs of ${STEPS} steps, all in a call of step ${HOLD_AT + 1} when their ` +
      `process is killed. Seconds from the kill (undisturbed: from when the calls may return) until all are taken up, and finished. SQLite FULL.`,
    head: ["way", "taken up s", "finished s", "ratio"],
    rows: [undisturbed, killed].map(({ name, takenUp, finished }) => [
      name,
      number(median(takenUp), 2),
      number(median(finished), 2),
      ratio(median(finished), base),
    ]),
  };
};

async function measure({ folder: parent, liveRuns, fromSources }: BenchOptions, way: Way, kill: boolean): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const folder = await temporaryFolder(resources, parent);
  await begin(join(folder, "millrace.db"), liveRuns);
  const first = startChild(resources, fromSources, ["work", folder, String(liveRuns), String(HOLD_AT)]);
  await first.until("held");
  const from = performance.now();
  const seconds = (): number => (performance.now() - from) / 1000;
  if (!kill) {
    first.go();
    await first.until("finished");
    way.finished.push(seconds());
    return;
  }
  await first.kill();
  const next = startChild(resources, fromSources, ["work", folder, String(liveRuns), "-1"]);
  await next.until("taken-up");
  way.takenUp.push(seconds());
  await next.until("finished");
  way.finished.push(seconds());
}

async function begin(path: string, runs: number): Promise<void> {
  await using sql = await openSqliteStore({ path, durability: "normal", clock });
  const engine = await openEngineBench({ ...sql, clock, steps: Array.from({ length: STEPS }, () => INLINE_STEP) });
  await engine.start(runs);
}
