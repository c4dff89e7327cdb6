import { z } from "zod";
import { pageFields } from "../shared/page.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

const type = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, "the type of an event is kebab-case");
const cursor = z.string().min(1).max(500);

/** Request "events of a workspace". */
export const readEventsSchema = z.strictObject({
  workspaceId: idSchema,
  /** Position of the last event that was read. Default: the beginning of what is kept. */
  after: cursor.optional(),
  /** Only events of these types. Default: of any. */
  types: z.array(type).min(1).max(50).optional(),
  /** Only events of this run. */
  runId: idSchema.optional(),
  /** Only events of the board that are about this block. */
  blockId: idSchema.optional(),
  /** Only events of runs, or only those of the board. */
  kinds: z
    .array(z.enum(["run", "board"]))
    .min(1)
    .max(2)
    .optional(),
  /** Events that are looked at, at most. Default 200. */
  limit: z.number().int().min(1).max(1000).default(200),
});

const filter = {
  /** Id of the actor. */
  actor: z.string().min(1).max(200).optional(),
  type: type.optional(),
  /** Not before, in epoch ms. */
  from: timestampSchema.optional(),
  /** Before, in epoch ms. */
  to: timestampSchema.optional(),
};

/** Request "audit of a workspace". */
export const auditOfWorkspaceSchema = z.strictObject({ workspaceId: idSchema, blockId: idSchema.optional(), ...filter, ...pageFields });

/** Request "audit of an account". */
export const auditOfAccountSchema = z.strictObject({ accountId: idSchema, ...filter, ...pageFields });

const time = {
  /** Not before, in epoch ms. Default: the oldest entry. */
  from: filter.from,
  /** Before, in epoch ms. Default: now. */
  to: filter.to,
  /** `nextAfter` of the part before. Default: the first part. */
  after: cursor.optional(),
};

/** Request "export of the audit of a workspace". */
export const exportOfWorkspaceSchema = z.strictObject({ workspaceId: idSchema, ...time });

/** Request "export of the audit of an account". */
export const exportOfAccountSchema = z.strictObject({ accountId: idSchema, ...time });
