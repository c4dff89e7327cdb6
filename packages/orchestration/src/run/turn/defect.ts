/**
 * What a pure part of the engine (`due`, `decide`, `consequences`), or a kind registered with it, threw. It is a defect and no fault of
 * the world: the same input throws again, so no retry helps and the run is ended.
 */
export class DecisionDefect extends Error {
  constructor(cause: unknown) {
    super("the engine could not decide what comes next", { cause });
    this.name = "DecisionDefect";
  }
}

/**
 * Calls a pure part of the engine.
 * @throws DecisionDefect whatever it threw.
 */
export function pure<T>(part: () => T): T {
  try {
    return part();
  } catch (error) {
    throw new DecisionDefect(error);
  }
}
