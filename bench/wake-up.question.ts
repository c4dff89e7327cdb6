/** Latency from one process making a run due to another working on it, beside a plain signal on the same server. */
import { openNodeDatabase } from "@millrace/runtime-node";
import { Client } from "pg";
import { startChild, type Child } from "./child.ts";
import { INLINE_STEP, openEngineBench } from "./engine-steps.ts";
import { startBenchServer } from "./postgres-server.ts";
import { alternate, median, number, ratio, temporaryFolder, type Question } from "./measure.ts";

/** Drivers that have nothing to do, each with connections of its own. */
const IDLE_DRIVERS = [1, 4, 16] as const;
const LEAST_MS = 0.01;
const RAW = "insert and notify, heard by a plain listener";

interface Variant {
  readonly name: string;
  /** Makes something due in this process; resolves when the server has it. */
  readonly tell: () => Promise<void>;
  readonly child: Child;
  readonly delays: number[];
}

export const wakeUp: Question = async ({ rounds, wakeUps, fromSources, folder }) => {
  await using resources = new AsyncDisposableStack();
  const server = await startBenchServer(resources);
  const variants: Variant[] = [await listener(resources, await server.createDatabase(), fromSources)];
  for (const drivers of IDLE_DRIVERS) {
    const url = await server.createDatabase();
    const place = await temporaryFolder(resources, folder);
    const database = resources.use(
      await openNodeDatabase({ url, log: { info: () => undefined, warn: (event, fields) => console.error(event, fields) } }),
    );
    const engine = await openEngineBench({ store: database.store, wakeups: database.wakeups, clock: database.clock, steps: [INLINE_STEP] });
    const child = startChild(resources, fromSources, ["wake", place, url, String(drivers)]);
    await child.until("ready");
    variants.push({ name: `${drivers}`, tell: async () => void (await engine.start(1)), child, delays: [] });
  }
  await alternate(rounds, variants, (variant, round) => measure(variant, round === 0 ? wakeUps + 1 : wakeUps));
  // The first of each finds nothing warm.
  for (const { delays } of variants) delays.shift();
  const raw = median(variants[0]?.delays ?? []);
  return {
    title: "A wake-up in another process",
    conditions:
      `From the server's answer to the commit that makes a run due, in one process, to the call of its first step in another, whose drivers have nothing to do. ` +
      `${server.about}. ${rounds} rounds of ${wakeUps} wake-ups, in ms. Ratio: to the plain signal.`,
    head: ["idle drivers", "median", "95 of 100 within", "ratio"],
    rows: variants.map(({ name, delays }) => [
      name,
      number(median(delays), 2),
      number(within(delays, 0.95), 2),
      ratio(median(delays), raw),
    ]),
  };
};

async function measure({ tell, child, delays }: Variant, times: number): Promise<void> {
  for (let index = 0; index < times; index += 1) {
    await tell();
    const sentAt = process.hrtime.bigint();
    const receivedAt = BigInt(await child.until("ran"));
    // A notice that arrives before the answer to the commit counts as `LEAST_MS`: a delay of 0 or less could not be divided by.
    delays.push(Math.max(LEAST_MS, Number(receivedAt - sentAt) / 1e6));
  }
}

async function listener(resources: AsyncDisposableStack, url: string, fromSources: boolean | undefined): Promise<Variant> {
  const client = new Client({ connectionString: url });
  await client.connect();
  resources.defer(() => client.end());
  await client.query("create table told (at bigint)");
  const child = startChild(resources, fromSources, ["listen", "", url]);
  await child.until("ready");
  const tell = async (): Promise<void> => {
    await Promise.all(["begin", "insert into told values (1)", "notify bench", "commit"].map((text) => client.query(text)));
  };
  return { name: RAW, tell, child, delays: [] };
}

/** The value that this share of them does not exceed. */
function within(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
