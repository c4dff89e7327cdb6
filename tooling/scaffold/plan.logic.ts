/**
 * Plan of an addition, as data. Pure: takes the texts of the repository, returns those to write.
 * 1. A file that exists is never replaced.
 * 2. A list is only added to; a list that cannot be found is refused, and nothing is written.
 */
import { namesOf, wrongName, type Names } from "./names.logic.ts";
import { ScaffoldError, type Thing } from "./thing.ts";

/** Line added to a list. */
export interface AddedLine {
  readonly file: string;
  readonly list: string;
  /** Text as it was inserted, before formatting. */
  readonly text: string;
}

export interface Plan {
  /** Text by path, from the root: files that are new, and files whose lists are longer. */
  readonly writes: ReadonlyMap<string, string>;
  readonly created: readonly string[];
  readonly lines: readonly AddedLine[];
}

/** Texts the plan is made from. */
export interface Sources {
  /** Text of a file of the repository; null: there is none. */
  file(path: string): string | null;
  /** Text of a template of this thing. */
  template(name: string): string;
}

/**
 * Plans one addition.
 *
 * @throws ScaffoldError `name_invalid`, `exists`, or `index_changed` when a list is not where it is expected.
 */
export function planOf(thing: Thing, name: string, sources: Sources): Plan {
  const wrong = wrongName(name) ?? thing.misnamed?.(name) ?? null;
  if (wrong !== null)
    throw new ScaffoldError("name_invalid", `'${name}' is no name of a new ${thing.what}: ${wrong}`, `Use ${thing.named}.`);
  const names = namesOf(name);
  const writes = new Map<string, string>();
  for (const [template, target] of Object.entries(thing.files)) {
    const path = fill(target, names);
    if (sources.file(path) !== null) throw existing(thing, name, path);
    writes.set(path, fill(sources.template(template), names));
  }
  for (const { file, text } of thing.free ?? [])
    if (sources.file(file)?.includes(fill(text, names)) === true) throw existing(thing, name, file);
  const created = [...writes.keys()];
  const lines = thing.lines.map((line): AddedLine => {
    const before = writes.get(line.file) ?? sources.file(line.file);
    const text = fill(line.text, names);
    writes.set(line.file, insertAfter(before ?? "", line.after, text, `${line.list} in ${line.file}`));
    return { file: line.file, list: line.list, text };
  });
  return { writes, created, lines };
}

/**
 * Replaces `{{spelling}}` by the spelling of the name.
 *
 * @throws TypeError for a spelling that does not exist.
 */
export function fill(template: string, names: Names): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_whole, spelling: string) => {
    const found = Object.entries(names).find(([key]) => key === spelling);
    if (found === undefined) throw new TypeError(`a template asks for {{${spelling}}}; there are ${Object.keys(names).join(", ")}`);
    return found[1];
  });
}

/** True if a file differs only by these additions, line breaks aside. */
export function isOnlyLonger(before: string, after: string, additions: readonly string[]): boolean {
  // The longest first: a short one may be a part of another.
  const longestFirst = additions.map(bare).toSorted((a, b) => b.length - a.length);
  const rest = longestFirst.reduce((text, addition) => text.replace(addition, () => ""), bare(after));
  return rest === bare(before);
}

/** Without what a formatter changes: white space, commas behind the last of a list, quotes around keys. */
function bare(text: string): string {
  return text.replaceAll(/[\s,"]/g, "");
}

/** The lines of an addition, as a person would write them. */
export function linesOf(addition: string): readonly string[] {
  return addition
    .replace(/^, /, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function insertAfter(text: string, after: RegExp, addition: string, where: string): string {
  const last = [...text.matchAll(new RegExp(after.source, "gm"))].at(-1);
  if (last === undefined)
    throw new ScaffoldError(
      "index_changed",
      `${where} is not where it is expected: nothing matches ${String(after)}`,
      "Correct `after` of the line in tooling/scaffold/things, or add the line by hand.",
    );
  const at = last.index + last[0].length;
  return text.slice(0, at) + addition + text.slice(at);
}

function existing(thing: Thing, name: string, file: string): ScaffoldError {
  return new ScaffoldError("exists", `${thing.what} '${name}' exists already: ${file}`, "Choose another name, or change that one.");
}
