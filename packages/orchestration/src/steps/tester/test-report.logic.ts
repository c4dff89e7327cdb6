import type { TestReport } from "@millrace/contracts";
import { fingerprints, type Fingerprint } from "../shared/findings.logic.js";

type Concern = TestReport["concerns"][number];

const BLOCKING: ReadonlySet<Concern["severity"]> = new Set(["high", "critical"]);
const DIGEST_CONCERNS = 5;
const BRIEF_CHARS = 8000;

/** The judgement of a report. */
export interface TestVerdict {
  readonly accepted: boolean;
  readonly because: string;
}

/**
 * Whether a tester's report lets the run go on. The first report is held to "no concern at all", because a fixer can still be sent for
 * small ones; later ones, and those of a run that cannot send a fixer (`canLoop` false), only to "nothing high or critical". A greenlight
 * is a claim: it never outweighs a failed check or a blocking concern, and a missing one is never made up for.
 */
export function judgeReport(
  report: Pick<TestReport, "greenlight" | "concerns" | "outcomes">,
  loop: { readonly attempts: number; readonly canLoop: boolean },
): TestVerdict {
  if (!report.greenlight) return { accepted: false, because: "the tester withholds its greenlight" };
  const failed = failedChecks(report).length;
  if (failed > 0) return { accepted: false, because: `${failed} failed check(s) outweigh the greenlight` };
  const severe = severeConcerns(report);
  if (severe > 0) return { accepted: false, because: `${severe} high or critical concern(s) outweigh the greenlight` };
  const count = report.concerns.length;
  if (count === 0) return { accepted: true, because: "greenlight without concerns" };
  if (loop.attempts > 0) return { accepted: true, because: `greenlight; ${count} low or medium concern(s) remain after repair` };
  if (!loop.canLoop) return { accepted: true, because: `greenlight; ${count} low or medium concern(s), and no fixer can be sent for them` };
  return { accepted: false, because: `${count} concern(s) in the first report` };
}

/** Why a report tests nothing; null when it tests something. A report whose every check was skipped tells nothing of the change either. */
export function untestedBecause({ couldNotTest, outcomes }: Pick<TestReport, "couldNotTest" | "outcomes">): string | null {
  if (couldNotTest.trim() !== "") return couldNotTest.trim();
  return outcomes.length > 0 && outcomes.every(({ status }) => status === "skipped") ? "every check was skipped" : null;
}

/** Number of findings that must not ship: failed checks, and high and critical concerns. */
export function blockingFindings(report: Pick<TestReport, "concerns" | "outcomes">): number {
  return failedChecks(report).length + severeConcerns(report);
}

function severeConcerns({ concerns }: Pick<TestReport, "concerns">): number {
  return concerns.filter(({ severity }) => BLOCKING.has(severity)).length;
}

function failedChecks({ outcomes }: Pick<TestReport, "outcomes">): TestReport["outcomes"] {
  return outcomes.filter(({ status }) => status === "failed");
}

/** The first five concerns with their severity and failed checks; the summary when there are none. */
export function concernDigest(report: Pick<TestReport, "concerns" | "outcomes" | "summary">): string {
  const told = [
    ...report.concerns.map(({ title, severity }) => `${title} (${severity})`),
    ...failedChecks(report).map(({ name }) => `${name} (failed)`),
  ];
  if (told.length === 0) return report.summary;
  return `${told.slice(0, DIGEST_CONCERNS).join("; ")}${told.length > DIGEST_CONCERNS ? "; …" : ""}`;
}

/** Fingerprints of a report, by which rounds are compared: of its concerns and failed checks, at most 100, else of its summary. */
export function reportFindings(report: TestReport): Fingerprint[] {
  const found = [
    ...report.concerns.map(({ title, detail }) => ({ quotedSource: title, body: detail })),
    ...failedChecks(report).map(({ name, detail }) => ({ quotedSource: name, body: detail ?? "" })),
  ];
  return fingerprints(found.length === 0 ? [{ body: report.summary }] : found.slice(0, 100));
}

/** A report as the fixer and the next tester are told it: at most 8,000 characters, the worst concerns first. */
export function reportBrief(report: TestReport): string {
  const order = ["critical", "high", "medium", "low"];
  const concerns = report.concerns.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const failed = failedChecks(report);
  return [
    report.summary,
    ...(report.couldNotTest === "" ? [] : [`Nothing could be tested: ${report.couldNotTest}`]),
    ...(concerns.length === 0 ? [] : ["Concerns to fix:"]),
    ...concerns.map(({ severity, title, detail }) => `- [${severity}] ${title}: ${detail}`),
    ...(failed.length === 0 ? [] : ["Failed checks:"]),
    ...failed.map(({ name, detail }) => `- ${name}${detail === undefined ? "" : `: ${detail}`}`),
  ]
    .join("\n")
    .slice(0, BRIEF_CHARS);
}
