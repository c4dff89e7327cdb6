import { reviewAnswerSchema, reviewFindingSchema, type ReviewAnswer, type ReviewFinding, type ReviewSeverity } from "@millrace/contracts";

/** Findings of one pass that are kept: the worst. */
const MAX_FINDINGS = 20;
const MAX_TITLE_CHARS = 200;
/** Of a detail that has to serve as its own title. */
const FALLBACK_TITLE_CHARS = 80;
const MAX_DETAIL_CHARS = 2000;
const RANK: Readonly<Record<ReviewSeverity, number>> = { low: 1, medium: 2, high: 3 };

/** 1 for low to 3 for high. */
export function severityRank(severity: ReviewSeverity): number {
  return RANK[severity];
}

/**
 * Findings of a reviewer's answer. Lenient with words, never with the list itself: an unknown category is a question, a missing severity
 * is medium and an unknown one high, so that no preset tolerates what it does not know; an entry without any text is dropped. Sorted from high to low, at most 20. Null when it is no list of items.
 */
export function coerceFindings(answer: unknown): readonly ReviewFinding[] | null {
  const parsed = reviewAnswerSchema.safeParse(answer);
  if (!parsed.success) return null;
  return parsed.data.items
    .flatMap(toFinding)
    .toSorted((a, b) => RANK[b.severity] - RANK[a.severity])
    .slice(0, MAX_FINDINGS);
}

function toFinding(item: ReviewAnswer["items"][number]): readonly ReviewFinding[] {
  const said = [item.detail, item.question].map((text) => text?.trim() ?? "").find((text) => text !== "") ?? "";
  const named = item.title?.trim() ?? "";
  const title = named === "" ? said.slice(0, FALLBACK_TITLE_CHARS).trim() : named;
  if (title === "") return [];
  return [
    {
      category: reviewFindingSchema.shape.category.catch("question").parse(word(item.category)),
      severity: severityOf(item.severity),
      title: title.slice(0, MAX_TITLE_CHARS),
      detail: (said === "" ? title : said).slice(0, MAX_DETAIL_CHARS),
    },
  ];
}

function severityOf(text: string | undefined): ReviewSeverity {
  const said = word(text);
  return said === "" ? "medium" : reviewFindingSchema.shape.severity.catch("high").parse(said);
}

/** `HIGH` is high: a severity that is not recognised would be tolerated where it must not be. */
function word(text: string | undefined): string {
  return (text ?? "").trim().toLowerCase();
}

/** A reviewer's answer as people read it; null when it is no list of items. */
export function renderReview(answer: unknown): string | null {
  const findings = coerceFindings(answer);
  return findings === null ? null : renderFindings(findings);
}

/** Findings as people read them. Equal findings render to equal text, from an answer or from the store. */
export function renderFindings(findings: readonly ReviewFinding[]): string {
  if (findings.length === 0) return "No findings.";
  return findings.map(({ severity, category, title, detail }) => `- [${severity}] ${title} (${category}): ${detail}`).join("\n");
}
