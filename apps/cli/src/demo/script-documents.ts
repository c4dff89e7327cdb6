import type { SampleScript } from "@millrace/executors";

type Turn = SampleScript["turns"][number];

function says(kind: string, say: string, more: Partial<Turn> = {}): Turn {
  return { kind, plan: [], actions: [], ...more, say };
}

const specification = {
  service: "shop",
  summary: "Prices of a small shop.",
  groups: [
    {
      name: "Discounts",
      summary: "What customers pay less.",
      requirements: [
        {
          id: "DISC-1",
          title: "Discount in percent",
          statement: "A discount takes a percentage off an amount and SHALL round to whole cents.",
          kind: "functional",
          priority: "must",
          acceptance: [
            { id: "DISC-1-A", given: "an amount of 999 cents", when: "10 percent are taken off", outcome: "899 cents are left" },
          ],
        },
      ],
    },
  ],
  rules: [{ id: "R-1", rule: "Amounts are whole cents.", rationale: "Nobody can pay a fraction of one." }],
};

const blueprint = {
  type: "service",
  name: "shop",
  summary: "Prices of a small shop.",
  references: ["src/"],
  modules: [{ name: "Pricing", summary: "Amounts, totals and discounts.", references: ["src/"] }],
};

const finding = (category: string, severity: string, title: string, detail: string): object => ({ category, severity, title, detail });

/** Texts of the stand-in for steps that ask for text: designs, reviews, maps, documentation. */
export const DOCUMENT_TURNS: readonly Turn[] = [
  says(
    "requirements-review",
    JSON.stringify({
      items: [
        finding("question", "high", "Rounding", "What happens to fractions of a cent?"),
        finding("assumption", "low", "Currency", "All amounts seem to be in one currency."),
      ],
    }),
    { effect: 2 },
  ),
  says("requirements-review", JSON.stringify({ items: [] })),
  says(
    "requirements-rework",
    "# Give customers a discount\n\nA function SHALL take a discount in percent off an amount in cents and round to whole cents.",
  ),
  says(
    "clarity-review",
    JSON.stringify({ items: [finding("clarification", "high", "Which amounts?", "For which amounts is the discount missing?")] }),
    { effect: 2 },
  ),
  says("clarity-review", JSON.stringify({ items: [] })),
  says("clarity-rework", "# Discounts are missing\n\nExpected: a percentage is taken off an amount. Actual: there is no such function."),
  says("bug-investigator", "There is no discount anywhere in src/: the function is missing, not wrong."),
  says("analysis", "1. There is no discount function although two callers compute it by hand. Add one, tested."),
  says("researcher", "Rounding half up to whole cents is what customers expect; a library is not worth it for one function."),
  says("architect", "One pure function discounted(cents, percent) in src/discount.js, refused outside 0 to 100 percent, tested beside it."),
  says("architect-companion", JSON.stringify({ rating: 0.9, summary: "Small, testable, in its place." })),
  says("spec-writer", JSON.stringify(specification), {
    plan: ["add the requirement"],
    actions: [{ write: { path: "spec/spec.json", text: `${JSON.stringify(specification, null, 2)}\n` } }],
  }),
  says("spec-companion", JSON.stringify({ rating: 0.95, summary: "Faithful; its scenario is complete." })),
  says("blueprints", JSON.stringify(blueprint), {
    plan: ["map the modules"],
    actions: [{ write: { path: "blueprints/blueprint.json", text: `${JSON.stringify(blueprint, null, 2)}\n` } }],
  }),
  says("mocker", "The service talks to no third party: nothing to stub."),
  says("playwright", "The service has no user interface, and its tests cover the change: nothing to add."),
  says("business-documenter", "Documented the rounding rule as PRICE-01.", {
    actions: [
      { write: { path: "docs/business-logic/pricing.md", text: "# Pricing\n\n- **PRICE-01** Amounts are rounded to whole cents.\n" } },
    ],
  }),
  says("documenter", "discounted(1000, 10) is 900: what is left of 1000 cents after ten percent."),
  says(
    "integrator",
    "Callers pass cents and a percentage; nothing else changes. Roll out with the next deployment; take back by reverting.",
  ),
];
