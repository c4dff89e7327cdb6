/** Engines with one defect each. An invariant that misses its mutant checks nothing. */
import { answerMutants } from "./answers.mutants.js";
import { claimMutants } from "./claims.mutants.js";
import { commitMutants } from "./commits.mutants.js";
import { livenessMutants } from "./liveness.mutants.js";
import { loopMutants } from "./loops.mutants.js";
import { mergeMutants } from "./merges.mutants.js";
import type { Mutant } from "./mutant.logic.js";

/** Every mutant that the explorer must catch. */
export const explorerMutants: readonly Mutant[] = [
  ...answerMutants,
  ...claimMutants,
  ...loopMutants,
  ...mergeMutants,
  ...livenessMutants,
  ...commitMutants,
];
