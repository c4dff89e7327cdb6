/**
 * Behaviour flags. A run records the flags it started under and goes on under them, whatever version of
 * the library takes it up later (promise P13). A change that would alter how a live run continues gets
 * the next number, a name, and a paragraph here on why; the old behaviour stays until no run can hold it.
 */
export interface BehaviourFlag {
  readonly number: number;
  readonly name: string;
  readonly since: string;
  readonly why: string;
}

/** All flags ever given out. A number is never used twice. */
export const BEHAVIOUR_FLAGS: readonly BehaviourFlag[] = [];

/** The flags a run starts under now. */
export const CURRENT_FLAGS: readonly number[] = BEHAVIOUR_FLAGS.map((flag) => flag.number);
