import type { WorkObservation } from "@millrace/contracts";

/** The part of a work observation that judges conduct, for an agent that kept to its contract. */
export function cleanWork(): Pick<
  WorkObservation,
  "uncommitted" | "rewritten" | "foreignCommits" | "strayRefs" | "outsideScope" | "undeliverable" | "conflictMarkers" | "exit" | "turn"
> {
  return {
    uncommitted: [],
    rewritten: false,
    foreignCommits: [],
    strayRefs: [],
    outsideScope: [],
    undeliverable: [],
    conflictMarkers: [],
    exit: { code: 0, signal: null },
    turn: "completed",
  };
}
