import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";

/** Adds the result of an investigation to the block's open incident, when there is one. */
export const enrichIncident = defineEffect({
  name: "enrich-incident",
  input: z.strictObject({ note: z.string().max(8000) }),
  needs: ["incidents"],
  samples: [["notes it", { enriched: true }]],
  async perform({ note }, { run, services, key }) {
    return { value: { enriched: await services.incidents.enrich({ key, workspaceId: run.workspaceId, blockId: run.blockId, note }) } };
  },
});
