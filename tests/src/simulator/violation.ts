/** Invariants by their numbers in `docs/architecture.md`; those with a P are promises; `error`: an error that must never be thrown. */
export type ViolatedRule =
  | "I1"
  | "I2"
  | "I3"
  | "I4"
  | "I5"
  | "I6"
  | "I7"
  | "I8"
  | "I9"
  | "I10"
  | "I11"
  | "I13"
  | "I14"
  | "I15"
  | "I16"
  | "P1"
  | "P2"
  | "P5"
  | "P6"
  | "P9"
  | "error";

/** A violated rule, and how it was violated. */
export interface Violation {
  readonly rule: ViolatedRule;
  readonly message: string;
}
