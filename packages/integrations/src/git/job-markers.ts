import { createHash } from "node:crypto";
import type { CommitSha } from "@millrace/contracts";
import type { Refs } from "./refs.js";

/**
 * Marker refs that a job pushes together with its branch. A repetition of the job, on any host, reads from them that
 * the job is done and where it started.
 */
export interface JobMarkers {
  /** Ref of the pushed commit. */
  readonly pushed: string;
  /** Ref of the branch's head when the job started. */
  readonly start: string;
  /** Ref of the base's tip when the job started. */
  readonly base: string;
}

/** Marker refs of a job, named by a digest of its key. */
export function jobMarkers(key: string): JobMarkers {
  const pushed = `refs/millrace/jobs/${createHash("sha256").update(key).digest("hex").slice(0, 40)}`;
  return { pushed, start: `${pushed}-start`, base: `${pushed}-base` };
}

/** Commits that the markers of a job point at; null if the job did not push. */
export function readMarkers(
  markers: JobMarkers,
  remote: Refs,
): { readonly pushed: CommitSha; readonly start: CommitSha; readonly base: CommitSha } | null {
  const pushed = remote[markers.pushed];
  const start = remote[markers.start];
  const base = remote[markers.base];
  return pushed === undefined || start === undefined || base === undefined ? null : { pushed, start, base };
}
