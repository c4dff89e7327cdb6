import { expect, it } from "vitest";
import { exportsOf, inOrder } from "./api-report.ts";

const REPORT = `// @public (undocumented)
export interface Bare {
    // (undocumented)
    readonly member: string;
}

// Warning: (ae-forgotten-export) The symbol "Hidden" needs to be exported
//
// @public
export const told: Hidden;

// @internal (undocumented)
type Hidden = 1;

// @public (undocumented)
export function bare(): void;
`;

it("exports without a docstring are found; members and what is not exported are not looked at", () => {
  expect(exportsOf(REPORT)).toEqual({ count: 3, undocumented: ["Bare", "bare"] });
});

it("members of an inferred enum are sorted, everything else keeps its place", () => {
  expect(inOrder(['  b: "b";', '  a: "a";', "}", "z", "y"].join("\n"))).toBe(['  a: "a";', '  b: "b";', "}", "z", "y"].join("\n"));
});
