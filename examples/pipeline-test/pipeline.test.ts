import { completedCheck, createTestHost, summaryOf } from "@millrace/testing";
import { expect, it } from "vitest";

it("red CI is repaired and the change merges", async () => {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
    script: {
      coder: { change: { "sum.js": "broken" } },
      "ci-fixer": { change: { "sum.js": "fine" } },
      merger: { answer: { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one line" } },
    },
  });
  host.forge.judgeWith((_head, tree) => [completedCheck("test", tree["sum.js"] === "fine" ? "success" : "failure")]);

  const { id } = await host.start();
  await host.drive();

  expect(summaryOf(await host.run(id))).toBe("coder:done ci:done merger:done");
  expect(host.forge.landed.map(({ tree }) => tree["sum.js"])).toEqual(["fine"]);
  expect(host.agents.begun.map(({ kind }) => kind)).toEqual(["coder", "ci-fixer", "merger"]);
});
