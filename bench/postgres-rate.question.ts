/** Steps per second on PostgreSQL, beside the server's bare commit rate and other engines. */
import type { Log } from "@millrace/kernel";
import { openNodeDatabase } from "@millrace/runtime-node";
import { startChild } from "./child.ts";
import { STEPS_PER_RUN, openEngineBench } from "./engine-steps.ts";
import { alternate, median, number, ratio, type BenchOptions, type Question, type Table } from "./measure.ts";
import { openDbos } from "./peers/dbos.ts";
import { openLangGraph } from "./peers/langgraph.ts";
import { POOL_SIZE } from "./peers/peer.ts";
import { startBenchServer, type BenchServer } from "./postgres-server.ts";
import { openRawPostgres } from "./raw-postgres.ts";

/** Runs at a time. */
const WIDTHS = [1, 4, 16] as const;
const AWAY_MS = 1;
const log: Log = { info: () => undefined, warn: (event, fields) => console.error(event, fields) };

/** An engine under test: performs the steps of `runs` runs, `atOnce` at a time, and returns the seconds. */
interface Contestant {
  readonly name: string;
  run(runs: number, atOnce: number): Promise<number>;
}

interface Turn {
  readonly contestant: Contestant;
  readonly atOnce: number;
  readonly rates: number[];
}

/** With the server on this machine. */
export const postgresRate: Question = async (options) => {
  await using resources = new AsyncDisposableStack();
  return await compare(options, resources, { ...(await startBenchServer(resources)), place: "on this machine" });
};

/** With a server that takes a millisecond more to answer: another machine of the same network. */
export const postgresAway: Question = async (options) => {
  await using resources = new AsyncDisposableStack();
  const server = await startBenchServer(resources);
  const createDatabase = async (): Promise<string> => away(resources, await server.createDatabase(), options.fromSources);
  return await compare(options, resources, { ...server, createDatabase, place: `${AWAY_MS} ms away` });
};

async function away(resources: AsyncDisposableStack, url: string, fromSources: boolean | undefined): Promise<string> {
  const proxy = startChild(resources, fromSources, ["away", "-", url, String(AWAY_MS)]);
  return Object.assign(new URL(url), { port: await proxy.until("listening") }).href;
}

async function compare(
  { rounds, steps }: BenchOptions,
  resources: AsyncDisposableStack,
  server: BenchServer & { readonly place: string },
): Promise<Table> {
  const contestants = [
    await raw(resources, server),
    await millrace(resources, server),
    await openLangGraph(resources, await server.createDatabase()),
    await openDbos(resources, await server.createDatabase()),
  ];
  const turns = WIDTHS.flatMap((atOnce) => contestants.map((contestant): Turn => ({ contestant, atOnce, rates: [] })));
  const take = async ({ contestant, atOnce }: Turn, wanted: number): Promise<number> => {
    // A full set for each round of hands: so that no slot idles while a last run finishes.
    const runs = Math.ceil(wanted / STEPS_PER_RUN / atOnce) * atOnce;
    return (runs * STEPS_PER_RUN) / (await contestant.run(runs, atOnce));
  };
  for (const turn of turns) await take(turn, Math.ceil(steps / 10));
  await alternate(rounds, turns, async (turn) => void turn.rates.push(await take(turn, steps)));
  return {
    title: `A step on PostgreSQL ${server.place}, beside raw transactions and other engines`,
    conditions:
      `${server.about}, all in one server and one run. Medians of ${rounds} rounds of ${steps} steps (${STEPS_PER_RUN} a run, runs in full sets). ` +
      `Ratio: steps per raw transaction; of the better peer: steps per step of the faster other engine.`,
    head: ["at once", ...contestants.map(({ name }) => `${name}/s`), "ratio", "of the better peer"],
    rows: WIDTHS.map((atOnce) => toRow(turns.filter((turn) => turn.atOnce === atOnce))),
  };
}

async function raw(resources: AsyncDisposableStack, server: BenchServer): Promise<Contestant> {
  const database = await openRawPostgres(resources, await server.createDatabase(), Math.max(...WIDTHS));
  return { name: "raw", run: (runs, atOnce) => database.commit(runs * STEPS_PER_RUN, atOnce) };
}

async function millrace(resources: AsyncDisposableStack, server: BenchServer): Promise<Contestant> {
  const { store, wakeups, clock } = resources.use(await openNodeDatabase({ url: await server.createDatabase(), poolSize: POOL_SIZE, log }));
  const engine = await openEngineBench({ store, wakeups, clock });
  return { name: "Millrace", run: (runs, atOnce) => engine.runDriver(runs, atOnce) };
}

function toRow(turns: readonly Turn[]): readonly string[] {
  const rates = turns.map((turn) => median(turn.rates));
  const [rawRate = Number.NaN, ours = Number.NaN, ...peers] = rates;
  const [first] = turns;
  return [String(first?.atOnce), ...rates.map((rate) => number(rate)), ratio(ours, rawRate), ratio(ours, Math.max(...peers))];
}
