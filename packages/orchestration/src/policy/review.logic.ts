import { severityRank } from "@millrace/agents";
import type { MergePreset, ReviewFinding, ReviewItem } from "@millrace/contracts";

/** What follows from a review pass. `pass`: nothing that is not tolerated. `exceeded`: findings, and no pass is left. */
export type Disposition = "pass" | "awaiting" | "exceeded";

/** A tolerated finding passes even at the cap. */
export function disposition(
  findings: readonly Pick<ReviewFinding, "severity">[],
  pass: { readonly iteration: number; readonly cap: number; readonly tolerated: MergePreset["toleratedConcern"] },
): Disposition {
  const tolerated = pass.tolerated === "none" ? 0 : severityRank(pass.tolerated);
  const worst = Math.max(0, ...findings.map(({ severity }) => severityRank(severity)));
  if (worst <= tolerated) return "pass";
  return pass.iteration >= pass.cap ? "exceeded" : "awaiting";
}

/** Whether a fold has anything to fold: direction from a person, or a finding that was replied to. */
export function hasAnythingToFold(feedback: string, items: readonly Pick<ReviewItem, "status" | "reply">[]): boolean {
  return feedback.trim() !== "" || items.some((item) => isReplied(item));
}

function isReplied({ status, reply }: Pick<ReviewItem, "status" | "reply">): boolean {
  return (status === "answered" || status === "resolved") && (reply ?? "").trim() !== "";
}

/** What people said, for whoever writes the document anew: answers to fold in, and what to leave out. */
export function foldBrief(feedback: string, items: readonly ReviewItem[]): string {
  const answered = items.filter(isReplied).map(({ title, detail, reply }) => `Q: ${title}: ${detail}\nA: ${reply ?? ""}`);
  const dismissed = items.filter(({ status }) => status === "dismissed").map(({ title }) => `- ${title}`);
  return [
    ...(answered.length === 0 ? [] : ["Answers to fold in:", ...answered]),
    ...(dismissed.length === 0 ? [] : ["Left out on purpose:", ...dismissed]),
    ...(answered.length === 0 && dismissed.length === 0 ? ["Nothing was answered: restate it cleanly, invent nothing."] : []),
    ...(feedback.trim() === "" ? [] : ["The document before was not good enough. Follow this direction:", feedback.trim()]),
  ].join("\n\n");
}
