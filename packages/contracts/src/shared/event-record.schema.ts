import { z } from "zod";
import { actorSchema, timestampSchema } from "./scalars.schema.js";

/** Shape version of the events written now (promise P13). */
export const EVENT_SHAPE_VERSION = 1;

/** Fields of every event in the log: the shape it was written in, when, and by whom. */
export const eventRecordFields = {
  version: z.number().int().positive(),
  at: timestampSchema,
  actor: actorSchema,
  /** Id of the person that the actor, an agent with a token, acted for. */
  onBehalfOf: z.string().min(1).max(200).optional(),
};
