/** How long from the commit in one process that makes a run due until another process has called its first agent. */
import type { Store } from "@millrace/kernel";
import { openNodeDatabase } from "@millrace/runtime-node";
import { startChild, type Child } from "./child.ts";
import { INLINE_STEP, openEngineBench, type EngineBench } from "./engine-steps.ts";
import { alternate, median, number, ratio, temporaryFolder, type Question } from "./measure.ts";
import { startBenchServer } from "./postgres-server.ts";

/** Runs that become due at the same moment, and runs the other process drives at a time. */
const WIDTHS = [1, 4, 16] as const;
const REPEATS = 10;
const log = { info: () => undefined, warn: (event: string) => console.error(event) };

interface Listener {
  readonly atOnce: number;
  readonly engine: EngineBench;
  readonly child: Child;
  /** Epoch ms, by run. */
  readonly committed: Map<string, number>;
  readonly waits: number[];
}

export const wakeUpLatency: Question = async ({ folder: parent, rounds, fromSources }) => {
  await using resources = new AsyncDisposableStack();
  const folder = await temporaryFolder(resources, parent);
  const server = await startBenchServer(resources, parent);
  const listeners: Listener[] = [];
  for (const atOnce of WIDTHS) {
    const url = await server.createDatabase(`wake_up_${atOnce}`);
    const { store, wakeups, clock } = resources.use(await openNodeDatabase({ url, log }));
    const committed = new Map<string, number>();
    const engine = await openEngineBench({ store: noting(store, committed), wakeups, clock, steps: [INLINE_STEP] });
    const child = startChild(resources, fromSources, ["serve", folder, url, String(atOnce)]);
    await child.until("serving");
    const listener = { atOnce, engine, child, committed, waits: [] };
    await once(listener);
    listener.waits.splice(0);
    listeners.push(listener);
  }
  await alternate(rounds, listeners, async (listener) => {
    for (let repeat = 0; repeat < REPEATS; repeat += 1) await once(listener);
  });
  const base = median(listeners[0]?.waits ?? []);
  return {
    title: "A wake-up, from one process to another",
    conditions:
      `${server.about}. Medians of ${rounds} rounds of ${REPEATS}; the other process is idle before. Milliseconds from the commit that makes a run ` +
      `due until its first agent is called, and for the slowest of those that became due together. Ratio: to one at a time.`,
    head: ["at once", "ms", "worst ms", "ratio"],
    rows: listeners.map(({ atOnce, waits }) => [
      String(atOnce),
      number(median(waits), 1),
      number(Math.max(...waits), 1),
      ratio(median(waits), base),
    ]),
  };
};

/** Makes runs due together and hears of each. */
async function once({ atOnce, engine, child, committed, waits }: Listener): Promise<void> {
  const started = Promise.all(Array.from({ length: atOnce }, () => engine.start(1)));
  const called = new Map<string, number>();
  while (called.size < atOnce) {
    const [runId = "", at = ""] = (await child.until("called")).split(" ");
    called.set(runId, Number(at));
  }
  await started;
  for (const [runId, at] of called) waits.push(at - (committed.get(runId) ?? Number.NaN));
}

function noting(store: Store, committed: Map<string, number>): Store {
  return {
    ...store,
    async commit(changes) {
      await store.commit(changes);
      const at = performance.timeOrigin + performance.now();
      for (const change of changes) if (change.change === "insert-run") committed.set(change.record.id, at);
    },
  };
}
