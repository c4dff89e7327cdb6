import { isoTime } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { textOutput } from "../shared/output.js";
import { SAMPLE_OUTPUT } from "../shared/samples.js";

/** Provisions an environment for the run's change. It does not wait until the environment is ready: its status is in the output. */
export const provision = defineEffect({
  name: "provision",
  input: z.null(),
  needs: ["environments"],
  samples: [
    ["provisions", { output: SAMPLE_OUTPUT, provider: "previews" }],
    ["has no provider", { output: SAMPLE_OUTPUT, provider: null }],
  ],
  async perform(_input, context) {
    const { run, input, key } = context;
    const { environments } = context.services;
    const { block } = input;
    if (!environments.isOn) {
      const { output, write } = await textOutput(context, "No environment provider is configured: nothing was provisioned.");
      return { value: { output: { ...output }, provider: null }, writes: [write] };
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
    const expires = made.expiresAt === null ? "" : `, until ${isoTime(made.expiresAt)}`;
    const { output, write } = await textOutput(context, `${made.provider}: ${made.status}, ${made.url ?? "pending"}${expires}`);
    return { value: { output: { ...output }, provider: made.provider }, writes: [write] };
  },
});
