import { z } from "zod";

/** A signal as it comes back from the host's monitors, and as it is kept in an effect's result. */
const releaseSignalSchema = z.object({
  kind: z.enum(["monitor", "slo"]),
  id: z.string().max(300),
  name: z.string().max(300),
  state: z.enum(["ok", "warn", "alert", "no_data"]),
  detail: z.string().max(1000).nullable(),
});
/** How many signals of one block are looked at. */
export const MAX_SIGNALS = 100;
/** The signals of one block. */
export const signalsSchema = z.array(releaseSignalSchema).max(MAX_SIGNALS);
