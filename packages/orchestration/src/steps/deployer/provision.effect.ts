import { outputRefSchema } from "@millrace/contracts";
import { isoTime } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { textOutput } from "../shared/output.js";
import { SAMPLE_OUTPUT } from "../shared/samples.js";

/** The environment as its provider sees it now; `off`: there is no provider. `output` tells of what does not change any more. */
export const provisionedSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("off"), output: outputRefSchema }),
  z.strictObject({ is: z.literal("provisioning"), provider: z.string() }),
  z.strictObject({ is: z.literal("ready"), provider: z.string(), output: outputRefSchema }),
  z.strictObject({ is: z.literal("failed"), provider: z.string() }),
]);

/** Has an environment provisioned for the run's change. Asked again under its key it says how far that is. */
export const provision = defineEffect({
  name: "provision",
  input: z.null(),
  needs: ["environments"],
  samples: [
    ["is ready", { is: "ready", output: SAMPLE_OUTPUT, provider: "previews" }],
    ["is provisioning", { is: "provisioning", provider: "previews" }],
    ["failed", { is: "failed", provider: "previews" }],
    ["has no provider", { is: "off", output: SAMPLE_OUTPUT }],
  ],
  async perform(_input, context) {
    const { run, input, key } = context;
    const { environments } = context.services;
    const { block } = input;
    if (!environments.isOn) {
      const { output, write } = await textOutput(context, "No environment provider is configured: nothing was provisioned.");
      return { value: { is: "off", output: { ...output } }, writes: [write] };
    }
    const made = await environments.provision({
      key,
      workspaceId: run.workspaceId,
      runId: run.id,
      blockId: block.id,
      title: block.title,
      description: block.description,
      repository: run.repository,
      pullRequest: run.pullRequest,
    });
    const { provider, status } = made;
    if (status !== "ready") return { value: { is: status, provider } };
    const expires = made.expiresAt === null ? "" : `, until ${isoTime(made.expiresAt)}`;
    const { output, write } = await textOutput(context, `${provider}: ready, ${made.url ?? "without an address"}${expires}`);
    return { value: { is: "ready", output: { ...output }, provider }, writes: [write] };
  },
});
