import { failingChecks } from "../../../run/rules/failing-checks.logic.js";
import { blameOf, judgeChecks } from "./checks.logic.js";
import type { Gate } from "../gate.js";

/** Green checks of exactly this head, on top of exactly this base. */
export const ciGate: Gate = {
  name: "ci",
  helper: "ci-fixer",
  readsChecks: true,
  ownsConflicts: false,
  evidence: true,
  endNotification: "ci_failed",
  budget: (input) => input.preset.ciMaxAttempts,
  judge: ({ checks, input }) => judgeChecks(checks, input.checkPolicy),
  blame: ({ observed }, baseChecks) => blameOf(observed, baseChecks),
  briefs: (verdict) => [
    {
      from: "ci",
      text: failingChecks(verdict.observed)
        .map((check) => `${check.name} (${check.conclusion ?? "no conclusion"}) at ${verdict.head.slice(0, 10)}\n${check.summary ?? ""}`)
        .join("\n\n")
        .slice(0, 8000),
    },
  ],
};
