import { timestampSchema } from "@millrace/contracts";
import type { ReleaseEvidence } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";

/** Longest text that fits into an agent's brief with its frame, in characters. */
const MAX_CHARS = 7800;

/** Collects the evidence of a regression, as text for the agent that investigates it. */
export const gatherEvidence = defineEffect({
  name: "gather-evidence",
  input: z.strictObject({ since: timestampSchema }),
  needs: ["releases"],
  samples: [["finds evidence", { text: "errors" }]],
  async perform({ since }, { run, services }) {
    const evidence = await services.releases.evidence({ workspaceId: run.workspaceId, blockId: run.blockId, since });
    return { value: { text: describe(evidence).slice(0, MAX_CHARS) } };
  },
});

function describe({ signals, errors, notes }: ReleaseEvidence): string {
  const bad = signals.filter(({ state }) => state === "alert");
  return [
    "# The service looks worse since the change was merged",
    "## Signals",
    ...bad.map(({ kind, name, id, state, detail }) => `- ${kind} ${name} (${id}): ${state}${detail === null ? "" : `, ${detail}`}`),
    "## Recent errors",
    ...errors.map(
      ({ title, count, sample }) => `- ${title}${count === null ? "" : ` (${count} times)`}${sample === null ? "" : `\n  ${sample}`}`,
    ),
    ...(notes.length === 0 ? [] : ["## Notes", ...notes.map((note) => `- ${note}`)]),
    "Compare the merged diff with these. Correlation is not causation. Commit and revert nothing.",
  ].join("\n");
}
