import { z } from "zod";

/** Request "create a workspace". */
export const createWorkspaceSchema = z.strictObject({ name: z.string().trim().min(1).max(120).default("Untitled") });
