import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { ModelsService } from "./models-service.js";

/** The operations on models. */
export function modelHandlers(models: ModelsService): HandlersOf<"models"> {
  return {
    "models.catalogue": async (_, page) => models.catalogue(page),
    "models.defaults": ({ by }, input) => models.defaults({ ...input, initiator: by.actor }),
    "models.putDefault": (context, input) => models.putDefault({ ...input, ...writtenBy(context) }),
    "models.removeDefault": (context, input) => models.removeDefault({ ...input, ...writtenBy(context) }),
  };
}
