import { outputRefSchema } from "@millrace/contracts";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { textOutput } from "../shared/output.js";
import { SAMPLE_OUTPUT } from "../shared/samples.js";

/** Result of the effect; `issue` is null where the tracker takes no ticket of this service. */
export const filedSchema = z.looseObject({ output: outputRefSchema, issue: z.looseObject({}).nullable() });
const inputSchema = z.strictObject({ report: outputRefSchema.nullable() });
/** Longest body that trackers accept, in characters. */
const MAX_BODY_CHARS = 30_000;

/** Files the report as a ticket of the service. The key keeps a repeated call from filing a second one. */
export const fileIssue = defineEffect({
  name: "file-issue",
  input: inputSchema,
  needs: ["tracker"],
  samples: [
    ["files a ticket", { output: SAMPLE_OUTPUT, issue: { externalId: "T-1", url: "https://example.com/T-1" } }],
    ["has no tracker", { output: SAMPLE_OUTPUT, issue: null }],
  ],
  async perform({ report }, context) {
    const { run, input, ports, key } = context;
    const { tracker } = context.services;
    const text = report === null ? null : await ports.store.outputs.get(run.workspaceId, report.key);
    const body = [text, input.block.description].map((one) => (one ?? "").trim()).find((one) => one !== "");
    const filed = tracker.isOn
      ? await tracker.fileIssue({
          key,
          workspaceId: run.workspaceId,
          serviceId: input.service?.id ?? input.block.id,
          title: `Tech debt: ${input.block.title}`,
          body: (body ?? "There is no description yet.").slice(0, MAX_BODY_CHARS),
        })
      : null;
    const told =
      filed === null ? "No issue tracker takes tickets of this service: nothing was filed." : `${filed.externalId}: ${filed.url}`;
    const { output, write } = await textOutput(context, told);
    return { value: { output: { ...output }, issue: filed === null ? null : { ...filed } }, writes: [write] };
  },
});
