/** The service the demo works on: a till that prints receipts, with tests and a history of its own. No dependency, no network. */
export const SERVICE_NAME = "till";

export const TASK = {
  title: "Give customers a discount",
  description: "A receipt takes a discount in percent. The total is rounded to cents. Cover it with tests.",
};

export interface SampleCommit {
  readonly message: string;
  readonly files: Readonly<Record<string, string>>;
}

export const HISTORY: readonly SampleCommit[] = [
  {
    message: "Add the till: items and their total",
    files: {
      "package.json": `${JSON.stringify({ name: "till", version: "1.0.0", private: true, type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
      "README.md": "# till\n\nAdds up what a customer bought. Amounts are whole cents.\n",
      "src/total.js":
        "/** Sum of the items in cents. */\nexport function total(items) {\n  return items.reduce((sum, item) => sum + item.cents * item.count, 0);\n}\n",
      "test/total.test.js":
        'import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { total } from "../src/total.js";\n\ntest("adds up items", () => {\n  assert.equal(total([{ cents: 250, count: 2 }, { cents: 99, count: 1 }]), 599);\n});\n',
    },
  },
  {
    message: "Print a receipt",
    files: {
      "src/receipt.js":
        'import { total } from "./total.js";\n\n/** One line per item and the total. */\nexport function receipt(items) {\n  const lines = items.map((item) => `${item.count} x ${item.name}`);\n  return [...lines, `total ${(total(items) / 100).toFixed(2)}`].join("\\n");\n}\n',
      "test/receipt.test.js":
        'import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { receipt } from "../src/receipt.js";\n\ntest("prints items and the total", () => {\n  assert.equal(receipt([{ name: "tea", cents: 250, count: 2 }]), "2 x tea\\ntotal 5.00");\n});\n',
    },
  },
];
