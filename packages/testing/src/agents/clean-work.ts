import type { WorkObservation } from "@millrace/contracts";

/** What is seen of an agent that kept to its contract: nothing of what an observation holds against work. */
export function cleanWork(): Pick<
  WorkObservation,
  "uncommitted" | "rewritten" | "foreignCommits" | "strayRefs" | "outsideScope" | "conflictMarkers" | "exit" | "turn"
> {
  return {
    uncommitted: [],
    rewritten: false,
    foreignCommits: [],
    strayRefs: [],
    outsideScope: [],
    conflictMarkers: [],
    exit: { code: 0, signal: null },
    turn: "completed",
  };
}
