import { z } from "zod";

/** Events of the workspace itself. */
export const eventsOfWorkspaces = [z.strictObject({ type: z.literal("workspace-created"), name: z.string() })] as const;
