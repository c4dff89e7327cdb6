import type { ReviewItem, ReviewWithItems } from "@millrace/contracts";
import { indented, oneLine } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";

const STATUS_WORDS = {
  ready: "waits for answers",
  incorporating: "answers are being folded in",
  reviewing: "the document is being reviewed",
  exceeded: "no round is left",
  incorporated: "closed",
  superseded: "superseded by a later one",
} as const;

/** A review: its status, its findings with their ids and replies, and the commands that come next. `run` is the run those commands name. */
export function reviewLines({ review, items }: ReviewWithItems, run: string, colours: Colours): readonly string[] {
  const open = items.filter(({ status }) => status === "open").length;
  return [
    `${colours.bold(`${review.kind}, iteration ${review.iteration}`)}: ${STATUS_WORDS[review.status]}`,
    ...(items.length === 0 ? ["  nothing was found"] : items.flatMap((item) => itemLines(item, colours))),
    ...nextLines(review.status, open, run).map((line) => `  ${line}`),
  ];
}

/** A finding on one line, its detail below, the reply below that. */
export function itemLines({ id, severity, category, status, title, detail, reply }: ReviewItem, colours: Colours): readonly string[] {
  const paint = status === "open" ? colours.yellow : status === "dismissed" ? colours.dim : colours.green;
  return [
    `  ${id.padEnd(4)} ${paint(status.padEnd(9))} ${severity.padEnd(6)} ${oneLine(title, 120)}  ${colours.dim(category)}`,
    ...indented(detail, "         "),
    ...(reply === null ? [] : indented(reply, "       > ")),
  ];
}

function nextLines(status: ReviewWithItems["review"]["status"], open: number, run: string): readonly string[] {
  if (status === "exceeded") return [`one more round: millrace round ${run}`, `as it is: millrace proceed ${run}`];
  if (status !== "ready") return [];
  if (open === 0) return [`fold the answers in: millrace incorporate ${run}`];
  return [`${open} open: millrace review reply ${run} <id> --text "...", or dismiss, or resolve; then: millrace incorporate ${run}`];
}
