import type { Pipeline } from "@millrace/contracts";
import type { SampleScript } from "@millrace/executors";
import { DOCUMENT_TURNS } from "./script-documents.js";

type Turn = SampleScript["turns"][number];

const discountTest = (more: string): string =>
  `import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { discounted } from "../src/discount.js";\n\ntest("takes a tenth off", () => {\n  assert.equal(discounted(1000, 10), 900);\n});\n\ntest("rounds to whole cents", () => {\n  assert.equal(discounted(999, 10), 899);\n});\n${more}`;

const FORGOT_TO_ROUND =
  "/** What is left of an amount in cents after a discount in percent. */\nexport function discounted(cents, percent) {\n  return cents - (cents * percent) / 100;\n}\n";

const refusesNonsense =
  '\ntest("refuses a discount that is none", () => {\n  for (const percent of [-1, 101, Number.NaN]) assert.throws(() => discounted(1000, percent), RangeError);\n});\n';

const ROUND = {
  replace: {
    path: "src/discount.js",
    find: "cents - (cents * percent) / 100",
    with: "Math.round(cents - (cents * percent) / 100)",
  },
};

/**
 * The script of the demo's offline stand-in for a coding agent. It really edits, and CI really runs: the first implementation forgets to
 * round, so its own test is red. The first step that runs it, the tester or CI, finds it.
 */
export function demoScript({ steps }: Pick<Pipeline, "steps">): SampleScript {
  const builds = steps.some(({ kind }) => kind === "coder");
  return { turns: [...CODE_TURNS, ...(builds ? FINDS_A_BUG : FINDS_NOTHING), ...DOCUMENT_TURNS] };
}

const tested = (greenlight: boolean, concerns: object[], summary: string): string =>
  JSON.stringify({ greenlight, summary, tested: ["discounted()", "the whole test suite"], outcomes: [], concerns });

const FINDS_NOTHING: readonly Turn[] = [
  { kind: "tester", plan: [], actions: [], say: tested(true, [], "Everything the service does still works.") },
];

const FINDS_A_BUG: readonly Turn[] = [
  {
    kind: "tester",
    effect: 1,
    plan: ["run the tests", "try odd amounts"],
    actions: [],
    say: tested(
      false,
      [{ title: "Fractions of a cent", detail: "discounted(999, 10) is 899.1: amounts are whole cents.", severity: "high" }],
      "Odd amounts come out with fractions of a cent.",
    ),
  },
  {
    kind: "tester",
    plan: ["run the tests", "try odd amounts"],
    actions: [],
    say: tested(true, [], "Odd amounts are rounded; all tests pass."),
  },
  { kind: "fixer", plan: ["round to whole cents"], actions: [ROUND], say: "Amounts are rounded to whole cents." },
];

const CODE_TURNS: readonly Turn[] = [
  {
    kind: "coder",
    attempt: 1,
    plan: ["write the discount", "cover it with tests"],
    actions: [
      { write: { path: "src/discount.js", text: FORGOT_TO_ROUND } },
      { write: { path: "test/discount.test.js", text: discountTest("") } },
    ],
    say: "Added discounted(cents, percent) with two tests.",
  },
  {
    kind: "ci-fixer",
    plan: ["repair the rounding"],
    actions: [ROUND],
    say: "The discount was not rounded to whole cents; it is now.",
  },
  {
    kind: "reviewer",
    attempt: 1,
    plan: [],
    actions: [],
    say: JSON.stringify({
      rating: 0.7,
      summary: "Correct for sensible input, but a discount of -1 or 101 percent goes through.",
      comments: [
        {
          quotedSource: "export function discounted(cents, percent)",
          body: "Refuse a percentage outside 0 to 100 and cover it with a test.",
        },
      ],
    }),
  },
  {
    kind: "coder",
    attempt: 2,
    plan: ["refuse impossible percentages", "cover it with a test"],
    actions: [
      {
        replace: {
          path: "src/discount.js",
          find: "percent) {\n",
          with: "percent) {\n  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`a discount is 0 to 100 percent, not ${percent}`);\n",
        },
      },
      { write: { path: "test/discount.test.js", text: discountTest(refusesNonsense) } },
    ],
    say: "A percentage outside 0 to 100 is refused with a RangeError, with a test.",
  },
  {
    kind: "reviewer",
    attempt: 2,
    plan: [],
    actions: [],
    say: JSON.stringify({ rating: 0.92, summary: "The finding is dealt with; small, tested, readable." }),
  },
  {
    kind: "merger",
    plan: [],
    actions: [],
    say: JSON.stringify({
      complexity: 0.15,
      risk: 0.1,
      impact: 0.2,
      rationale: "Adds one pure function and its tests; nothing that exists changes.",
    }),
  },
];
