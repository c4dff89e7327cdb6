/**
 * Behaviour flags. A run records the flags it started under and keeps them to its end, independent of the version of
 * the library takes it up later (promise P13). A change that would alter how a live run continues gets
 * the next number, a name, and a paragraph here on why; the old behaviour stays until no run can hold it.
 */
export interface BehaviourFlag {
  readonly number: number;
  readonly name: string;
  readonly since: string;
  readonly why: string;
}

/** Runs with this flag end a loop that makes no progress before its budget is used up. */
export const STOPS_WITHOUT_PROGRESS = 1;

/** All flags ever given out. A number is never used twice. */
export const BEHAVIOUR_FLAGS: readonly BehaviourFlag[] = [
  {
    number: STOPS_WITHOUT_PROGRESS,
    name: "stops-without-progress",
    since: "0.2.0",
    why:
      "Companions that repeat their findings, repairs that change nothing of what fails, and helpers that cannot work at all used up " +
      "their whole budget. They now park or end as soon as that is plain. A run that began before keeps its rounds: a client that watches " +
      "it was promised them, and its earlier rounds have no fingerprints to compare.",
  },
];

/** The flags a run starts under now. */
export const CURRENT_FLAGS: readonly number[] = BEHAVIOUR_FLAGS.map((flag) => flag.number);
