/** A Markdown table that says what proves what: one row per id, and in its last column the tests, by file and title. */

export interface ProofTable {
  readonly header: readonly string[];
  /** Every id that must have a row, each exactly once. */
  readonly ids: readonly string[];
}

/** Titles of the tests in a file; a text when there is no such test file, saying why. */
export type TitlesOf = (file: string) => ReadonlySet<string> | string;

interface Judged {
  readonly references: number;
  readonly problems: readonly string[];
}

const REFERENCE = /^(`+)(?<file>.+?)\1 › (`+)(?<title>.+?)\3$/;
/** Something a row admits: it is no reference, and does not replace one. */
const ADMITTED = /^open: ./;

/** Every id once, every row with at least one test, every test there. Anything else in the last column is a problem. */
export function judgeTable(text: string, table: ProofTable, titlesOf: TitlesOf): Judged {
  const [header, ...rows] = rowsOf(text);
  const problems: string[] = [];
  if (header === undefined || header.join("|") !== table.header.join("|")) problems.push(`no table | ${table.header.join(" | ")} |`);
  const seen = rows.map(([id = ""]) => id);
  for (const id of table.ids) {
    const times = seen.filter((one) => one === id).length;
    if (times !== 1) problems.push(`${id}: ${times === 0 ? "has no row" : `has ${times} rows`}`);
  }
  let references = 0;
  for (const row of rows) {
    const [id = ""] = row;
    if (!table.ids.includes(id)) problems.push(`'${id}': is none of ${table.ids[0] ?? ""} to ${table.ids.at(-1) ?? ""}`);
    if (row.length !== table.header.length) problems.push(`${id}: has ${row.length} cells instead of ${table.header.length}`);
    const named = (row.at(-1) ?? "").split("<br>").map((one) => one.trim());
    const proofs = named.filter((one) => !ADMITTED.test(one));
    if (proofs.every((one) => one === "")) problems.push(`${id}: names no test`);
    else for (const one of proofs) problems.push(...faultOf(one, titlesOf).map((fault) => `${id}: ${fault}`));
    references += proofs.filter((one) => one !== "").length;
  }
  return { references, problems };
}

function faultOf(reference: string, titlesOf: TitlesOf): string[] {
  const { file, title } = REFERENCE.exec(reference)?.groups ?? {};
  if (file === undefined || title === undefined) return [`'${reference}' is no reference; write \`file\` › \`title\``];
  const titles = titlesOf(file.trim());
  if (typeof titles === "string") return [`${file}: ${titles}`];
  return titles.has(title) || titles.has(title.trim()) ? [] : [`${file}: has no test '${title}'`];
}

/** Cells of each row, header first; the line of dashes is left out. `\|` is a bar inside a cell. */
function rowsOf(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^\||(?<!\\)\|$/g, "")
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|")),
    );
}
