import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

const node = {
  id: idSchema,
  title: z.string().min(1).max(200),
  /** What the map says about it; null: nothing yet. */
  generatedText: z.string().max(20_000).nullable(),
  /** Paths in the repository that it lives in. */
  references: z.array(z.string()),
};

/** The map of a service, as the board knows it. */
export const serviceMapSchema = z.strictObject({
  service: z.strictObject(node),
  modules: z.array(
    z.strictObject({
      ...node,
      /** Its name in the map. */
      key: z.string().min(1).max(120),
      /** The map does not name it any more. */
      isStale: z.boolean(),
    }),
  ),
});
/** The map of a service: its text and that of the modules that it has named. */
export type ServiceMap = z.infer<typeof serviceMapSchema>;
