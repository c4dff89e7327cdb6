import { harmless, table } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";

/** Lines that a change adds to a file and removes from it; both are null for a binary file. */
export interface FileStat {
  readonly path: string;
  readonly added: number | null;
  readonly removed: number | null;
}

const HUNK = /^@@ -\d+(?:,(?<before>\d+))? \+\d+(?:,(?<after>\d+))? @@/;

/** Counts the lines of a unified diff by file, in its order. */
export function diffStat(diff: string): readonly FileStat[] {
  const files: { path: string; added: number | null; removed: number | null }[] = [];
  // Lines that the open hunk has still to come: a removed line may look like the head of a file.
  const open = { before: 0, after: 0 };
  for (const line of diff.split("\n")) {
    const file = files.at(-1);
    if (open.before > 0 || open.after > 0) {
      const mark = line[0];
      if (mark !== "+" && mark !== "\\") open.before -= 1;
      if (mark !== "-" && mark !== "\\") open.after -= 1;
      if (file !== undefined && mark === "+") file.added = (file.added ?? 0) + 1;
      if (file !== undefined && mark === "-") file.removed = (file.removed ?? 0) + 1;
      continue;
    }
    const hunk = HUNK.exec(line)?.groups;
    if (hunk !== undefined) Object.assign(open, { before: Number(hunk["before"] ?? 1), after: Number(hunk["after"] ?? 1) });
    else if (line.startsWith("diff --git ")) files.push({ path: headPath(line), added: 0, removed: 0 });
    else if (file === undefined) continue;
    else if (line.startsWith("Binary files ")) Object.assign(file, { added: null, removed: null });
    else if (line.startsWith("+++ ") && !line.endsWith("/dev/null")) file.path = sidePath(line.slice(4));
    else if (line.startsWith("rename to ")) file.path = line.slice("rename to ".length);
  }
  return files;
}

/** `diff --git a/x b/x`: both halves are the same path, but for a rename, whose own lines say the new name. */
function headPath(line: string): string {
  const both = line.slice("diff --git ".length);
  return sidePath(both.slice((both.length + 1) / 2));
}

/** A path behind `a/` or `b/`, in the quotes that git puts around unusual names. */
function sidePath(text: string): string {
  return text
    .replace(/\t$/, "")
    .replace(/^"?[ab]\//, "")
    .replace(/"$/, "");
}

/** One line a file, and the total. */
export function statLines(files: readonly FileStat[], colours: Colours): readonly string[] {
  const sum = (of: "added" | "removed"): number => files.reduce((total, file) => total + (file[of] ?? 0), 0);
  const rows = files.map(({ path, added, removed }) => [
    harmless(path),
    added === null || removed === null ? "binary" : `${colours.green(`+${added}`)} ${colours.red(`-${removed}`)}`,
  ]);
  return [...table(rows), `${files.length} file${files.length === 1 ? "" : "s"}, ${sum("added")} added, ${sum("removed")} removed`];
}

/** A diff for a terminal: harmless text, added lines green, removed ones red. */
export function diffLines(diff: string, colours: Colours): readonly string[] {
  return harmless(diff)
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      if (/^(?:diff --git|index|---|\+\+\+) /.test(line)) return colours.bold(line);
      if (line.startsWith("@@")) return colours.cyan(line);
      if (line.startsWith("+")) return colours.green(line);
      return line.startsWith("-") ? colours.red(line) : line;
    });
}
