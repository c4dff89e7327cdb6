import { createHash } from "node:crypto";
import type { CommitSha } from "@millrace/contracts";
import type { Refs } from "./refs.js";

/**
 * Refs that a job pushes together with its branch. Whoever does the same job again, from any host, reads from them that it
 * was done and from where it started.
 */
export interface JobMarkers {
  /** The commit that was pushed. */
  readonly pushed: string;
  /** The branch's head when the job started. */
  readonly start: string;
  /** The base's tip when the job started. */
  readonly base: string;
}

export function jobMarkers(key: string): JobMarkers {
  const pushed = `refs/millrace/jobs/${createHash("sha256").update(key).digest("hex").slice(0, 40)}`;
  return { pushed, start: `${pushed}-start`, base: `${pushed}-base` };
}

/** What the markers of a finished job say; null when the job did not push. */
export function readMarkers(
  markers: JobMarkers,
  remote: Refs,
): { readonly pushed: CommitSha; readonly start: CommitSha; readonly base: CommitSha } | null {
  const pushed = remote[markers.pushed];
  const start = remote[markers.start];
  const base = remote[markers.base];
  return pushed === undefined || start === undefined || base === undefined ? null : { pushed, start, base };
}
