import { severityRank } from "@millrace/agents";
import type { MergePreset, ReviewFinding, ReviewItem, FinalDocument } from "@millrace/contracts";

/** Outcome of a review pass. `pass`: every finding is tolerated. `awaiting`: people answer. `exceeded`: findings, and no pass is left. */
export type Disposition = "pass" | "awaiting" | "exceeded";

/** The outcome of a pass by its worst finding. Tolerated findings pass even at the cap. */
export function disposition(
  findings: readonly Pick<ReviewFinding, "severity">[],
  pass: { readonly iteration: number; readonly cap: number; readonly tolerated: MergePreset["toleratedConcern"] },
): Disposition {
  const tolerated = pass.tolerated === "none" ? 0 : severityRank(pass.tolerated);
  const worst = Math.max(0, ...findings.map(({ severity }) => severityRank(severity)));
  if (worst <= tolerated) return "pass";
  return pass.iteration >= pass.cap ? "exceeded" : "awaiting";
}

/** Whether a rework has anything to fold in: direction from a person, or a finding that was replied to. */
export function hasAnythingToFold(feedback: string, items: readonly Pick<ReviewItem, "status" | "reply">[]): boolean {
  return feedback.trim() !== "" || items.some(isReplied);
}

function isReplied({ status, reply }: Pick<ReviewItem, "status" | "reply">): boolean {
  return (status === "answered" || status === "resolved") && (reply ?? "").trim() !== "";
}

/** Longest text, in characters: shorter than the part of an attachment that an agent is shown, so that no answer is cut off. */
const TEXT_CHARS = 50_000;

/** The answers of people for the agent that rewrites the document: what to fold in, and what to leave out. As few texts as hold all of it. */
export function foldTexts(
  feedback: string,
  items: readonly Pick<ReviewItem, "status" | "reply" | "title" | "detail">[],
): readonly string[] {
  const answered = items.filter(isReplied).map(({ title, detail, reply }) => `Q: ${title}: ${detail}\nA: ${(reply ?? "").trim()}`);
  const dismissed = items.filter(({ status }) => status === "dismissed").map(({ title }) => `- ${title}`);
  return packed([
    ...(answered.length === 0 ? [] : ["Answers to fold in:", ...answered]),
    ...(dismissed.length === 0 ? [] : [`Left out on purpose:\n${dismissed.join("\n")}`]),
    ...(answered.length === 0 && dismissed.length === 0 ? ["Nothing was answered: restate it cleanly, invent nothing."] : []),
    ...(feedback.trim() === "" ? [] : [`The document before was not good enough. Follow this direction:\n${feedback.trim()}`]),
  ]);
}

function packed(parts: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (const part of parts) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + part.length + 2 <= TEXT_CHARS) texts[texts.length - 1] = `${last}\n\n${part}`;
    else texts.push(part);
  }
  return texts;
}

/** Findings in one line for people: their number and the worst three. `findings` is sorted, the worst first. */
export function findingsInShort(findings: readonly Pick<ReviewFinding, "severity" | "title">[]): string {
  const worst = findings.slice(0, 3).map(({ severity, title }) => `[${severity}] ${title}`);
  const rest = findings.length - worst.length;
  return `${findings.length} finding${findings.length === 1 ? "" : "s"}: ${worst.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

/** A document of the same description is replaced by one of its own rank or a higher one. */
export function mayReplace(
  existing: FinalDocument | null,
  by: Pick<FinalDocument, "kind" | "description">,
  rankOf: (kind: string) => number,
): boolean {
  return existing === null || existing.description !== by.description || rankOf(by.kind) >= rankOf(existing.kind);
}
