import { tableRows } from "./markdown.ts";

/** A Markdown table that says what proves what: one row per id, and in its last column the tests, by file and title. */

export interface ProofTable {
  readonly header: readonly string[];
  /** Every id that must have a row, each exactly once. */
  readonly ids: readonly string[];
  /** Heading of the section that has the table. Default: none, the document has no other table. */
  readonly under?: string;
  /** A row may say in place of tests why nothing is built: `left out: ...`. Default: no. */
  readonly mayBeLeftOut?: boolean;
  /** Each row names a test whose title begins with its id, or with several ids of which it is one. Default: no. */
  readonly isTitledById?: boolean;
  /** Ids that may have a row beside those that must. Default: none. */
  readonly also?: readonly string[];
  /** Column beside the last that may name tests between its words: they are there as well. Default: none. */
  readonly mayName?: string;
}

/** Full names of the tests that run from a file, as vitest lists them: `group > title`. Empty when none does. */
export type TestsOf = (file: string) => readonly string[];

interface ProofCheck {
  readonly references: number;
  readonly problems: readonly string[];
}

const REFERENCE = /^(`+)(?<file>.+?)\1 › (`+)(?<title>.+?)\3$/;
/** Something a row admits: it is no reference, and does not replace one. */
const ADMITTED = /^open: ./;
/** A row of something that is not built, with its reason. */
const LEFT_OUT = /^left out: .{10,}/;
/** The ids that a title begins with. */
const LEADING_IDS = /^(?:[A-Z]{1,3}-\d{2}[a-z]? )+/;
/** Placeholders of `it.each`: `%s`, `$kind`, `${kind}`. */
const FILLED_IN = /%[sdifjoO]|\$\{[^}]*\}|\$[a-z][\w.]*/gi;

/** Every id once, every row with at least one test, every test there. Anything else in the last column is a problem. */
export function judgeTable(text: string, table: ProofTable, testsOf: TestsOf): ProofCheck {
  return judgeTables([text], table, testsOf);
}

/** One table that is spread over several documents. */
export function judgeTables(texts: readonly string[], table: ProofTable, testsOf: TestsOf): ProofCheck {
  const problems: string[] = [];
  const rows = texts.flatMap((text) => {
    const [header, ...own] = tableRows(table.under === undefined ? text : sectionOf(text, table.under));
    if (header === undefined || header.join("|") !== table.header.join("|")) problems.push(`no table | ${table.header.join(" | ")} |`);
    return own;
  });
  const seen = rows.map(([id = ""]) => id);
  for (const id of table.ids) {
    const times = seen.filter((one) => one === id).length;
    if (times !== 1) problems.push(`${id}: ${times === 0 ? "has no row" : `has ${times} rows`}`);
  }
  let references = 0;
  for (const row of rows) {
    const [id = ""] = row;
    if (!table.ids.includes(id) && !(table.also ?? []).includes(id))
      problems.push(`'${id}': is none of ${table.ids[0] ?? ""} to ${table.ids.at(-1) ?? ""}`);
    if (row.length !== table.header.length) problems.push(`${id}: has ${row.length} cells instead of ${table.header.length}`);
    if (table.mayBeLeftOut === true && LEFT_OUT.test(row.at(-1) ?? "")) continue;
    const proofs = parts(row.at(-1)).filter((one) => one !== "" && !ADMITTED.test(one));
    if (proofs.length === 0) problems.push(`${id}: names no test`);
    if (table.isTitledById === true && !proofs.some((one) => idsInTitle(one).includes(id)))
      problems.push(`${id}: names no test whose title begins with it`);
    const named = [...proofs, ...alsoNamed(row, table)];
    for (const one of named) problems.push(...faultOf(one, testsOf).map((fault) => `${id}: ${fault}`));
    references += named.length;
  }
  return { references, problems };
}

function idsInTitle(reference: string): readonly string[] {
  const title = REFERENCE.exec(reference)?.groups?.["title"] ?? "";
  return LEADING_IDS.exec(title)?.[0].trim().split(" ") ?? [];
}

function parts(cell = ""): string[] {
  return cell.split("<br>").map((one) => one.trim());
}

function alsoNamed(row: readonly string[], { header, mayName }: ProofTable): string[] {
  return mayName === undefined ? [] : parts(row[header.indexOf(mayName)]).filter((one) => one.includes(" › "));
}

/** The lines from a heading of the second level to the next one. */
function sectionOf(text: string, heading: string): string {
  const [, after = ""] = text.split(`\n## ${heading}\n`);
  return after.split("\n## ")[0] ?? "";
}

function faultOf(reference: string, testsOf: TestsOf): string[] {
  const { file, title } = REFERENCE.exec(reference)?.groups ?? {};
  if (file === undefined || title === undefined) return [`'${reference}' is no reference; write \`file\` › \`title\``];
  const names = testsOf(file.trim());
  if (names.length === 0) return [`${file}: no test runs from it`];
  return names.some((name) => isNamed(name, title.trim())) ? [] : [`${file}: has no test '${title}'`];
}

/** True if a full name ends with this title; a title of `it.each` stands for each of its tests. */
function isNamed(name: string, title: string): boolean {
  if (title.replaceAll(FILLED_IN, "").trim() === "") return false;
  const parts = title.split(FILLED_IN).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^(?:.* > )?${parts.join(".+")}$`, "s").test(name);
}
