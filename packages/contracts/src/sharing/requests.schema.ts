import { z } from "zod";
import { positionSchema, sizeSchema } from "../board/entity.schema.js";
import { pageFields } from "../shared/page.schema.js";
import { idSchema } from "../shared/scalars.schema.js";

/** Request "the services of an account". */
export const catalogueRequestSchema = z.strictObject({ accountId: idSchema, ...pageFields });

/** Request "the services of other boards that a board shows". */
export const mountsRequestSchema = z.strictObject({ workspaceId: idSchema, ...pageFields });

/** Request "show a service of another board". */
export const mountRequestSchema = z.strictObject({
  workspaceId: idSchema,
  serviceId: idSchema,
  /** Default: a free place. */
  position: positionSchema.optional(),
});

/** Request "show a service no longer". */
export const unmountRequestSchema = z.strictObject({ workspaceId: idSchema, serviceId: idSchema });

/** Request "draw a service elsewhere, or in another size"; what is left out stays. */
export const putLayoutRequestSchema = z.strictObject({
  workspaceId: idSchema,
  serviceId: idSchema,
  position: positionSchema.optional(),
  /** Null: as large as at home; at home, as large as what is in it. */
  size: sizeSchema.nullable().optional(),
});
