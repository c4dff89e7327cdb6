/** Engines that are broken on purpose, each in one way: an invariant that lets one through checks nothing. */
import { answerMutants } from "./answers.mutants.js";
import { commitMutants } from "./commits.mutants.js";
import { loopMutants } from "./loops.mutants.js";
import { mergeMutants } from "./merges.mutants.js";
import type { Mutant } from "./mutant.logic.js";

/** The mutants the explorer has to catch. */
export const explorerMutants: readonly Mutant[] = [...answerMutants, ...loopMutants, ...mergeMutants, ...commitMutants];
