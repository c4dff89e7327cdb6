import { join } from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { startChild } from "./child.ts";
import { INLINE_STEP, openEngineBench } from "./engine-steps.ts";
import { copyTemplate } from "./fill.ts";
import { alternate, median, number, ratio, temporaryFolder, type Question } from "./measure.ts";

const MIB = 1024 * 1024;
const clock = { now: () => Date.now() };

/** Cost of runs that wait for people, in an otherwise idle process. */
export const parkedRuns: Question = async ({ folder: parent, parkedRuns: runs, idleSeconds, rounds, fromSources }) => {
  await using resources = new AsyncDisposableStack();
  const variants = [];
  for (const parked of [0, runs]) {
    const folder = await temporaryFolder(resources, parent);
    await park(join(folder, "millrace.db"), parked);
    variants.push({ parked, folder, cpu: [] as number[], statements: [] as number[], memory: [] as number[] });
  }
  await alternate(rounds, variants, async ({ folder, cpu, statements, memory }) => {
    const child = startChild(resources, fromSources, ["idle", folder, String(idleSeconds)]);
    const [cpuMs, perSecond, bytes] = (await child.until("idled")).split(" ").map(Number);
    await child.ended();
    cpu.push(cpuMs ?? Number.NaN);
    statements.push(perSecond ?? Number.NaN);
    memory.push((bytes ?? Number.NaN) / MIB);
  });
  const base = median(variants[0]?.cpu ?? []);
  return {
    title: "Parked runs, nothing due",
    conditions: `Medians of ${rounds} processes each with the local driver, idle for ${idleSeconds} s. Ratio: of processor time.`,
    head: ["parked runs", "processor ms/s", "statements/s", "memory MiB", "ratio"],
    rows: variants.map(({ parked, cpu, statements, memory }) => [
      parked.toLocaleString("en"),
      number(median(cpu), 2),
      number(median(statements), 1),
      number(median(memory), 1),
      ratio(median(cpu), base),
    ]),
  };
};

/** `runs` runs that wait for an approval; with 0, a workspace without a run. */
async function park(path: string, runs: number): Promise<void> {
  await using sql = await openSqliteStore({ path, durability: "normal", clock });
  const engine = await openEngineBench({ ...sql, clock, steps: [{ ...INLINE_STEP, approval: { approvers: 1 } }, INLINE_STEP] });
  if (runs === 0) return;
  const [started] = await engine.start(1);
  await engine.drive();
  if (started !== undefined) copyTemplate(path, started, runs - 1);
}
