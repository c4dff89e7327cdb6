import type { Block } from "@millrace/contracts";
import { MillraceError, notFound } from "@millrace/kernel";
import { oneLine } from "../output/format.logic.js";

/** Candidates that the refusal of an ambiguous name lists. */
const SHOWN = 5;

/** A title as a name to type: lower case, words joined by dashes. */
export function slugOf(title: string): string {
  return title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
}

/**
 * The one task of that name. A name is the start of an id, with or without its prefix, or the start of a title in dashes
 * (`reject-negative`). An id goes before a title, and a whole title before the start of another.
 *
 * @throws MillraceError `not_found`; `validation` with the candidates when several tasks fit.
 */
export function taskNamed<Task extends Pick<Block, "id" | "title">>(text: string, tasks: readonly Task[]): Task {
  const slug = slugOf(text);
  const rules: readonly ((task: Task) => boolean)[] = [
    ({ id }) => text !== "" && (id.startsWith(text) || id.slice(id.indexOf("_") + 1).startsWith(text)),
    ({ title }) => slug !== "" && slugOf(title) === slug,
    ({ title }) => slug !== "" && slugOf(title).startsWith(slug),
  ];
  const matches = rules.map((fits) => tasks.filter(fits)).find(({ length }) => length > 0) ?? [];
  const [only] = matches;
  if (only === undefined) throw notFound("task", text, "list them with: millrace tasks");
  if (matches.length === 1) return only;
  const shown = matches.slice(0, SHOWN).map(({ id, title }) => `${id} (${oneLine(title, 40)})`);
  const rest = matches.length > SHOWN ? `, and ${matches.length - SHOWN} more` : "";
  throw new MillraceError("validation", `'${text}' is the name of ${matches.length} tasks: ${shown.join(", ")}${rest}`, {
    fix: "give more of the id or of the title",
    details: { entity: "task", text, candidates: matches.slice(0, SHOWN).map(({ id }) => id) },
  });
}
