/** Invariants by their numbers in `docs/architecture.md`; P5, P6 and P9 are promises; `error`: an error that must never be thrown. */
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
  | "I15"
  | "P5"
  | "P6"
  | "P9"
  | "error";

/** A violated rule, and how it was violated. */
export interface Violation {
  readonly rule: ViolatedRule;
  readonly message: string;
}
