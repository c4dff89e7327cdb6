import { builtInAgentKinds } from "@millrace/agents";
import { pipelineSchema } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInRegistries } from "../../spec/defaults.js";
import { runnableSteps } from "./shape.logic.js";

// The same cases every time, so that the mutation check has the same result.
fc.configureGlobal({ seed: 20261123 });

/** The kinds of the run's steps, or how the list was refused. */
function run(list: readonly string[]): readonly string[] | { readonly code: string; readonly fix: string | null } {
  const pipeline = pipelineSchema.parse({ id: "pl", name: "P", steps: list.map((kind) => ({ kind })) });
  try {
    return runnableSteps(pipeline, builtInRegistries).map((step) => step.kind);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { code: error.code, fix: error.fix };
  }
}

describe("any list of kinds", () => {
  const lists = fc.array(fc.constantFrom(...builtInAgentKinds.map((kind) => kind.id)), { minLength: 1, maxLength: 8 });

  it("either runs as it is written or is refused with a fix; what runs merges only behind CI and grades only what it follows", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(lists, (list) => {
        const outcome = run(list);
        if ("code" in outcome) {
          seen.refused += 1;
          expect(outcome).toMatchObject({ code: "pipeline_invalid", fix: expect.any(String) });
          return;
        }
        seen.accepted += 1;
        expect(outcome).toEqual(list);
        for (const [at, kind] of list.entries()) {
          const before = list.slice(0, at);
          if (kind === "merger") expect(before).toContain("ci");
          const producer = before.filter((one) => one !== "ci" && one !== "conflicts").at(-1);
          if (kind === "reviewer") expect(producer).toBe("coder");
          if (kind === "architect-companion") expect(producer).toBe("architect");
        }
      }),
      { numRuns: 500 },
    );
    expect(seen.accepted).toBeGreaterThan(10);
    expect(seen.refused).toBeGreaterThan(10);
  });
});
