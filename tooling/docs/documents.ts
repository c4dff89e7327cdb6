/** Input of the tests of the documents: the Markdown of this repository, its prose, links and references to code. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root, run } from "../repo-checks/lib.ts";
import { tableRows } from "../repo-checks/markdown.ts";

/** Paths of the Markdown files of the repository, from its root. Pending changesets are notes, not documents. */
export function documents(): readonly string[] {
  const listed = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]);
  if (listed.code !== 0) throw new Error(listed.output);
  return [...new Set(listed.output.split("\n"))].filter(
    (file) => file !== "" && !file.startsWith(".changeset/") && existsSync(path.join(root, file)),
  );
}

/** Text of a file, by its path from the root. */
export function textOf(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** The text without fenced blocks, whose lines stay as empty ones. */
export function proseOf(text: string): string {
  let isFenced = false;
  return text
    .split("\n")
    .map((line) => {
      const isFence = line.trimStart().startsWith("```");
      if (isFence) isFenced = !isFenced;
      return isFence || isFenced ? "" : line;
    })
    .join("\n");
}

/** Targets of the links of a text that lead into this repository. */
export function linksOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/\]\((?<target>[^)\s]+)\)/g)]
    .map(({ groups }) => groups?.["target"] ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Anchors that GitHub gives the headings of a text. */
export function anchorsOf(text: string): readonly string[] {
  return proseOf(text)
    .split("\n")
    .flatMap((line) => /^#{1,6} (?<heading>.+)$/.exec(line)?.groups?.["heading"] ?? [])
    .map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
}

/** Folders in which a path of the documents begins. */
const TOP_FOLDERS = /^(?:packages|apps|tests|tooling|docs|bench|examples)\/[\w./@-]*$/;
/** The folders of the engine: documents leave `packages/orchestration/src/` out. */
const ENGINE_FOLDERS = /^(?:run|steps|modules|platform)\/[\w./-]*(?:\.ts|\/)$/;

/** Path from the root of a file that a document names; null for code that is no path. */
export function pathOf(code: string): string | null {
  if (ENGINE_FOLDERS.test(code)) return `packages/orchestration/src/${code}`;
  return TOP_FOLDERS.test(code) ? code : null;
}

/** Every piece of code in the prose: what stands between backticks. */
export function codeOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/`(?<code>[^`\n]+)`/g)].map(({ groups }) => groups?.["code"] ?? "");
}

/** A reference of a document into a file: `file` › `name`. */
export function referencesOf(text: string): readonly { readonly file: string; readonly name: string }[] {
  return [...proseOf(text).matchAll(/`(?<file>[^`\n]+)`\s›\s`(?<name>[^`\n]+)`/g)].map(({ groups }) => ({
    file: groups?.["file"] ?? "",
    name: groups?.["name"] ?? "",
  }));
}

/** Rows of the table whose header has these cells; empty when a document has no such table. */
export function tableOf(text: string, header: readonly string[]): readonly (readonly string[])[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.startsWith("|") && cellsOf(line).join("|") === header.join("|"));
  if (first === -1) return [];
  const after = lines.slice(first + 2);
  const end = after.findIndex((line) => !line.startsWith("|"));
  return after.slice(0, end === -1 ? undefined : end).map(cellsOf);
}

function cellsOf(line: string): readonly string[] {
  return tableRows(line)[0] ?? [];
}
