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
 * never outweighs a blocking concern, and a missing greenlight is never made up for.
 */
export function judgeReport(
  report: Pick<TestReport, "greenlight" | "concerns">,
  loop: { readonly attempts: number; readonly canLoop: boolean },
): TestVerdict {
  if (!report.greenlight) return { accepted: false, because: "the tester withholds its greenlight" };
  const blocking = blockingConcerns(report);
  if (blocking > 0) return { accepted: false, because: `${blocking} high or critical concern(s) outweigh the greenlight` };
  const count = report.concerns.length;
  if (count === 0) return { accepted: true, because: "greenlight without concerns" };
  if (loop.attempts > 0) return { accepted: true, because: `greenlight; ${count} low or medium concern(s) remain after repair` };
  if (!loop.canLoop) return { accepted: true, because: `greenlight; ${count} low or medium concern(s), and no fixer can be sent for them` };
  return { accepted: false, because: `${count} concern(s) in the first report` };
}

/** Number of high and critical concerns. */
export function blockingConcerns({ concerns }: Pick<TestReport, "concerns">): number {
  return concerns.filter(({ severity }) => BLOCKING.has(severity)).length;
}

/** The first five concerns with their severity; the summary when there are none. */
export function concernDigest({ concerns, summary }: Pick<TestReport, "concerns" | "summary">): string {
  if (concerns.length === 0) return summary;
  const told = concerns.slice(0, DIGEST_CONCERNS).map(({ title, severity }) => `${title} (${severity})`);
  return `${told.join("; ")}${concerns.length > DIGEST_CONCERNS ? "; …" : ""}`;
}

/** Fingerprints of a report, by which rounds are compared: of its concerns, else of its failed checks, else of its summary. */
export function reportFindings({ concerns, outcomes, summary }: TestReport): Fingerprint[] {
  if (concerns.length > 0) return fingerprints(concerns.map(({ title, detail }) => ({ quotedSource: title, body: detail })));
  const failed = outcomes.filter(({ status }) => status === "failed").slice(0, 100);
  if (failed.length > 0) return fingerprints(failed.map(({ name, detail }) => ({ quotedSource: name, body: detail ?? "" })));
  return fingerprints([{ body: summary }]);
}

/** The brief of the fixer: at most 8,000 characters, the worst concerns first. */
export function fixerBrief(report: TestReport): string {
  const order = ["critical", "high", "medium", "low"];
  const concerns = report.concerns.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const failed = report.outcomes.filter(({ status }) => status === "failed");
  return [
    report.summary,
    ...(concerns.length === 0 ? [] : ["Concerns to fix:"]),
    ...concerns.map(({ severity, title, detail }) => `- [${severity}] ${title}: ${detail}`),
    ...(failed.length === 0 ? [] : ["Failed checks:"]),
    ...failed.map(({ name, detail }) => `- ${name}${detail === undefined ? "" : `: ${detail}`}`),
  ]
    .join("\n")
    .slice(0, BRIEF_CHARS);
}
