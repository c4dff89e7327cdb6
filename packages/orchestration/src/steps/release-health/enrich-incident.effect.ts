import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";

/** Adds what an investigation found to the block's open incident, when there is one. */
export const enrichIncident = defineEffect({
  name: "enrich-incident",
  input: z.strictObject({ note: z.string().max(8000) }),
  samples: [["notes it", { enriched: true }]],
  async perform({ note }, { run, ports, key }) {
    return { value: { enriched: await ports.incidents.enrich({ key, workspaceId: run.workspaceId, blockId: run.blockId, note }) } };
  },
});
