import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "@millrace/store-sql";
import { STEPS_PER_RUN, openEngineBench } from "./engine-steps.ts";
import { number, temporaryFolder, type Question } from "./measure.ts";

const OUTPUT_CHARS = 2000;
const clock = { now: () => Date.now() };

interface Weight {
  readonly rows: number;
  readonly indexes: number;
}

/** Bytes of a finished run, by table: whole pages as the database counts them, less those of the empty database. */
export const runBytes: Question = async ({ folder: parent, weighedRuns }) => {
  await using resources = new AsyncDisposableStack();
  const path = join(await temporaryFolder(resources, parent), "bytes.db");
  const sql = resources.use(await openSqliteStore({ path, durability: "normal", clock }));
  const engine = await openEngineBench({ ...sql, clock, answer: "x".repeat(OUTPUT_CHARS) });
  const before = weigh(path);
  await engine.run(weighedRuns * STEPS_PER_RUN);
  const grown = [...weigh(path)].flatMap(([table, after]) => {
    const empty = before.get(table) ?? { rows: 0, indexes: 0 };
    const weight = { rows: (after.rows - empty.rows) / weighedRuns, indexes: (after.indexes - empty.indexes) / weighedRuns };
    return weight.rows + weight.indexes > 0 ? [{ table, ...weight, all: weight.rows + weight.indexes }] : [];
  });
  const all = sum(
    "all without outputs",
    grown.filter(({ table }) => table !== "outputs"),
  );
  const rows = [...grown.toSorted((a, b) => b.all - a.all), all, sum("all", grown)];
  return {
    title: "Bytes of a finished run",
    conditions: `${weighedRuns} finished runs of ${STEPS_PER_RUN} steps, each with an output of ${OUTPUT_CHARS} characters. Ratio: to all without outputs.`,
    head: ["table", "rows", "indexes", "together", "ratio"],
    rows: rows.map((row) => [row.table, number(row.rows), number(row.indexes), number(row.all), number(row.all / all.all, 2)]),
  };
};

type Grown = Weight & { readonly table: string; readonly all: number };

function sum(table: string, parts: readonly Grown[]): Grown {
  const total = (of: (part: Grown) => number): number => parts.reduce((bytes, part) => bytes + of(part), 0);
  return { table, rows: total(({ rows }) => rows), indexes: total(({ indexes }) => indexes), all: total(({ all }) => all) };
}

/** Bytes of each table's pages; an index belongs to its table. */
function weigh(path: string): ReadonlyMap<string, Weight> {
  using database = new DatabaseSync(path, { readOnly: true });
  const found = database
    .prepare(
      `select s.tbl_name as name, sum(case when s.type = 'table' then d.pgsize else 0 end) as "rows",
         sum(case when s.type = 'index' then d.pgsize else 0 end) as "indexes"
       from dbstat as d join sqlite_schema as s on s.name = d.name where d.aggregate = true group by 1`,
    )
    .all();
  return new Map(found.map((row) => [String(row["name"]), { rows: Number(row["rows"]), indexes: Number(row["indexes"]) }]));
}
