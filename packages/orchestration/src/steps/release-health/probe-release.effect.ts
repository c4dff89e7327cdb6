import { timestampSchema } from "@millrace/contracts";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { MAX_SIGNALS, signalsSchema } from "./release.schema.js";

const signal = { kind: "monitor", id: "m", name: "errors", detail: null };
/** Longer than a watch lasts in a sample. */
const AFTER_THE_WATCH_MS = 31 * 60_000;

/** Reads the block's release signals. */
export const probeRelease = defineEffect({
  name: "probe-release",
  input: z.strictObject({ since: timestampSchema }),
  needs: ["releases"],
  samples: [
    ["nothing is watched", { signals: [] }],
    ["all is well", { signals: [{ ...signal, state: "ok" }] }],
    ["it regressed", { signals: [{ ...signal, state: "alert" }] }],
    ["all is well when the watch is over", { signals: [{ ...signal, state: "ok" }] }, AFTER_THE_WATCH_MS],
  ],
  async perform({ since }, { run, services }) {
    const signals = await services.releases.signals({ workspaceId: run.workspaceId, blockId: run.blockId, since });
    return { value: { signals: signalsSchema.parse(signals.slice(0, MAX_SIGNALS)) } };
  },
});
