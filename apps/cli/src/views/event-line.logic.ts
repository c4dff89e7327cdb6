import type { DescribedEvent, TimelineEntry } from "@millrace/contracts";
import { clockTime, oneLine } from "../output/format.logic.js";

/** Longest line of an event, in characters. */
const MAX_CHARS = 240;

/** A described event on one line: its step, the text, the detail behind a colon. `kinds` are those of the run's steps, in their order. */
export function eventLine({ step, text, detail }: DescribedEvent, kinds: readonly string[]): string {
  const subject = step === null ? "" : `${`step ${step} ${kinds[step - 1] ?? ""}`.trimEnd()}: `;
  return oneLine(`${subject}${text}${detail === undefined ? "" : `: ${detail}`}`, MAX_CHARS);
}

/** An event as a line of a log: the time, the event, and in brackets the person who caused it. Null for bookkeeping. */
export function timelineLine({ at, actor, line }: TimelineEntry, kinds: readonly string[]): string | null {
  if (line === null) return null;
  return `${clockTime(at)}  ${eventLine(line, kinds)}${actor.type === "human" ? `  (${actor.id})` : ""}`;
}
