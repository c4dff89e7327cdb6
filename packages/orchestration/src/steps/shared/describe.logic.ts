/** Descriptions of what several kinds have in common: helpers that are sent and return, jobs that are lost, rounds that are compared. */
import type { EventDescription, HelperView } from "@millrace/contracts";
import type { Attempt } from "./attempts.logic.js";

/** Characters of a commit in a description. */
const SHA_CHARS = 10;

/** A commit as descriptions name it: its first 10 characters. */
export function short(sha: string): string {
  return sha.slice(0, SHA_CHARS);
}

/** A description with a detail behind it; without one where the detail is empty. */
export function described(tone: EventDescription["tone"], text: string, detail: string = ""): EventDescription {
  return detail === "" ? { tone, text } : { tone, text, detail };
}

/** A helper was sent; null `head`: what it was sent for was not observed. */
export function helperSent({ helper, head = null }: { readonly helper: string; readonly head?: string | null }): EventDescription {
  return described("plain", `sends the ${helper}${head === null ? "" : ` for ${short(head)}`}`);
}

/** A helper came back. */
export function helperBack({ attempt, outcome, summary }: Pick<Attempt, "attempt" | "outcome" | "summary">): EventDescription {
  return described(outcome === "completed" ? "plain" : "bad", `helper attempt ${attempt} ${outcome}`, summary);
}

/** A job ended without a result. */
export function jobLost({ message }: { readonly message: string }): EventDescription {
  return described("bad", "the job was lost", message);
}

/** ` (1 new, 2 repeated, 1 came back)`; empty for a round that repeats nothing. */
export function comparison(compared: { readonly fresh: number; readonly repeated: number; readonly reseeded: number } | undefined): string {
  if (compared === undefined || compared.repeated + compared.reseeded === 0) return "";
  const back = compared.reseeded === 0 ? "" : `, ${compared.reseeded} came back`;
  return ` (${compared.fresh} new, ${compared.repeated} repeated${back})`;
}

/** The attempts of helpers as they are shown. */
export function helperViews(log: readonly Attempt[]): HelperView[] {
  return log.map(({ attempt, at, outcome, head, summary }) => ({ attempt, at, outcome, head, summary }));
}
