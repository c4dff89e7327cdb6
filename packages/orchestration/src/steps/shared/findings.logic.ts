/**
 * Findings of reviews, tests and checks, made comparable across rounds: a stable fingerprint each, and what a round says against the
 * rounds before it (promise P8). Two wordings of one thought are two findings: a loop is stopped for what an agent repeats, not for
 * what a machine takes for a repetition.
 */
import type { CommentSeverity, ReviewComment } from "@millrace/contracts";
import { z } from "zod";

/** Severity of a comment; one that states none is worth a rework. */
export function severityOf({ severity }: Pick<ReviewComment, "severity">): CommentSeverity {
  return severity ?? "should-fix";
}

/** Fingerprint of a finding: 16 hex digits that do not depend on its case, its spacing and its line numbers. */
export const fingerprintSchema: z.ZodString = z.string().regex(/^[0-9a-f]{16}$/, "a fingerprint is 16 lower-case hex digits");
/** Fingerprint of a finding. */
export type Fingerprint = z.infer<typeof fingerprintSchema>;

/** Fingerprints of one round: at most those of 100 comments or concerns and of the summary. */
export const roundFindingsSchema: z.ZodArray<z.ZodString> = z.array(fingerprintSchema).max(101);

/** Number of rounds that a loop remembers. A finding that was absent for longer counts as new when it returns. */
export const ROUNDS_KEPT = 5;

/** The texts of a finding that its fingerprint is made of. */
export interface Finding {
  /** The quoted source it is about. Default: none. */
  readonly quotedSource?: string | undefined;
  readonly body: string;
}

/** The fingerprint of a finding. */
export function fingerprint({ quotedSource, body }: Finding): Fingerprint {
  return hash(`${normalise(quotedSource ?? "")}\u0000${normalise(body)}`);
}

/** Distinct fingerprints, in an order that does not depend on the order of the findings. */
export function fingerprints(findings: readonly Finding[]): Fingerprint[] {
  return [...new Set(findings.map(fingerprint))].toSorted();
}

/** Fingerprint of the output of a command, without durations, times, dates and hashes, which differ every time. */
export function fingerprintOutput(text: string): Fingerprint {
  return hash(
    normalise(text)
      .replace(/\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?z?)?/g, "#")
      .replace(/\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\b/g, "#")
      .replace(/\b\d+(?:\.\d+)? ?(?:ms|µs|s|secs?|seconds?|m|mins?|minutes?)\b/g, "#")
      .replace(/\b[0-9a-f]{7,64}\b/g, "#"),
  );
}

/** The text by which two findings are compared. */
export function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/@@(?: [-+,\d ]+ @@)+/g, "@@")
    .replace(/\blines? ?#?\d+(?: ?(?:-|–|,|to|and) ?\d+)*(?!\w)/g, "line #")
    .replace(/#l\d+(?:-l?\d+)?(?!\w)/g, "line #")
    .replace(/(\.[a-z0-9]+):\d+(?::\d+)?(?!\w)/g, "$1:#")
    .trim();
}

/** What a round says against the ones before it. Every finding of it is in exactly one of the first three. */
export interface FindingComparison {
  readonly fresh: readonly Fingerprint[];
  /** Findings that the round before had as well. */
  readonly repeated: readonly Fingerprint[];
  /** Findings of an earlier round that were gone in the round before. */
  readonly reseeded: readonly Fingerprint[];
  /** Findings that only the round before had. */
  readonly gone: readonly Fingerprint[];
}

/** `earlier` is in the order in which the rounds were, the newest last. */
export function compareRounds(earlier: readonly (readonly Fingerprint[])[], now: readonly Fingerprint[]): FindingComparison {
  const last = new Set(earlier.at(-1));
  const known = new Set(earlier.flat());
  const current = [...new Set(now)];
  return {
    fresh: current.filter((one) => !known.has(one)),
    repeated: current.filter((one) => last.has(one)),
    reseeded: current.filter((one) => known.has(one) && !last.has(one)),
    gone: [...last].filter((one) => !current.includes(one)),
  };
}

/**
 * Two 32-bit multiplicative accumulators over UTF-16 code units, each finished with an avalanche. Not cryptographic, and need not be:
 * it compares a few hundred texts of one loop, and a deliberate collision only stops the loop that contains it. Synchronous,
 * which the platform's digests are not.
 */
function hash(text: string): Fingerprint {
  let a = 0x9e3779b9;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ unit, 0x5f356495);
    b = (b << 17) | (b >>> 15);
  }
  return `${hex(avalanche(a ^ text.length))}${hex(avalanche(b ^ a))}`;
}

function avalanche(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (second ^ (second >>> 16)) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
