/** Numbers are those of the invariants on the architecture page; P5, P6 and P9 are promises; `error`: something was thrown that nobody may throw. */
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
  | "P5"
  | "P6"
  | "P9"
  | "error";

/** Something that must never be so, and was. */
export interface Violation {
  readonly rule: ViolatedRule;
  readonly message: string;
}
