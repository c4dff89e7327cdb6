import { z } from "zod";

/** Events of the settings of a workspace. */
export const eventsOfSettings = [z.strictObject({ type: z.literal("settings-changed") })] as const;
