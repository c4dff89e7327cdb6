import type { EventDescription } from "@millrace/contracts";
import { jobLost } from "../shared/describe.logic.js";
import type { EvictedFact } from "../shared/recovery.logic.js";

/** What a fact of a job step means to a reader. */
export function describe(fact: EvictedFact): EventDescription {
  return jobLost(fact);
}
