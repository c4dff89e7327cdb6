import type { Described } from "@millrace/contracts";
import { jobLost } from "../shared/describe.logic.js";
import type { EvictedFact } from "../shared/recovery.logic.js";

/** Describes a fact of a job step to readers. */
export function describe(fact: EvictedFact): Described {
  return jobLost(fact);
}
