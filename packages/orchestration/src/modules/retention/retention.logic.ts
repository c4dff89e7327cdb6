import type { eventsOfRetention, RetentionPolicy } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";

type RetentionEvent = z.infer<(typeof eventsOfRetention)[number]>;

const DAY_MS = 24 * 60 * 60_000;

/** Bounds that a host sets to the policies of its workspaces, in days. */
export interface RetentionBounds {
  /** Default: 1. */
  readonly leastDays?: number;
  /** Default: none, for ever is allowed. */
  readonly mostDays?: number;
}

/** Time (epoch ms) before which details of finished runs go; null: they are kept for ever. */
export function keptSince(days: number | null, now: number): number | null {
  return days === null ? null : now - days * DAY_MS;
}

/**
 * Refuses a policy that keeps something shorter or longer than the host allows.
 * @throws MillraceError `validation` naming what.
 */
export function requireWithin(policy: RetentionPolicy, { leastDays = 1, mostDays = Number.POSITIVE_INFINITY }: RetentionBounds): void {
  const outside = Object.entries(policy).filter(
    ([, days]) => (days ?? Number.POSITIVE_INFINITY) < leastDays || (days ?? Number.POSITIVE_INFINITY) > mostDays,
  );
  // The audit is never kept for less than its own minimum, whatever the host says.
  const named = outside.filter(([name, days]) => name !== "audit" || (days !== null && days < leastDays)).map(([name]) => name);
  if (named.length === 0) return;
  const most = Number.isFinite(mostDays) ? ` to ${mostDays}` : " or more";
  throw new MillraceError("validation", `this host keeps things for ${leastDays}${most} days: ${named.join(", ")}`, {
    fix: "choose days within these bounds",
    details: { outside: named },
  });
}

/** Days that a change of the policy changes, before and after. */
export function policyChange(
  before: RetentionPolicy,
  after: RetentionPolicy,
): { readonly before: Record<string, number | null>; readonly after: Record<string, number | null> } {
  const names = (Object.keys(before) as (keyof RetentionPolicy)[]).filter((name) => before[name] !== after[name]);
  const pick = (from: RetentionPolicy) => Object.fromEntries(names.map((name) => [name, from[name]]));
  return { before: pick(before), after: pick(after) };
}

/** What happened to what a workspace keeps, as one line. */
export function describeRetentionEvent(event: RetentionEvent): string {
  switch (event.type) {
    case "retention-changed":
      return `kept from now on, in days: ${Object.entries(event.after)
        .map(([name, days]) => `${name} ${days ?? "for ever"}`)
        .join(", ")}`;
    case "retention-ran":
      return `details removed of runs: ${Object.entries(event.removed)
        .map(([name, count]) => `${name} ${count}`)
        .join(", ")}`;
    case "run-held":
      return event.isHeld
        ? `everything of run ${event.runId} is kept: ${event.reason}`
        : `run ${event.runId} is held no longer: ${event.reason}`;
  }
}
