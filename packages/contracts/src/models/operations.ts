import { z } from "zod";
import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { pageFields, pageSchema } from "../shared/page.schema.js";
import { agentKindSchema, idSchema } from "../shared/scalars.schema.js";
import { catalogueModelSchema, modelDefaultSchema, modelIdSchema } from "./entity.schema.js";

const ONE = "/workspaces/{workspaceId}/model-defaults/{kind}";

/** Operations on models. */
export const operationsOfModels = {
  "models.catalogue": {
    id: "MOD-01",
    method: "GET",
    path: "/models",
    input: z.strictObject({ ...pageFields }),
    output: pageSchema(catalogueModelSchema),
    errors: [],
    capability: "self",
    summary: "Lists the models of the deployment, with the ways to reach each, prices and context sizes.",
  },
  "models.defaults": {
    id: "MOD-03",
    method: "GET",
    path: "/workspaces/{workspaceId}/model-defaults",
    input: z.strictObject({ workspaceId: idSchema, ...pageFields }),
    output: pageSchema(modelDefaultSchema),
    errors: [],
    capability: "workspace.read",
    summary: "Lists the model of each agent kind, helpers too, with what it resolves to and whether it can be used.",
  },
  "models.putDefault": {
    id: "MOD-04",
    method: "PUT",
    path: ONE,
    input: z.strictObject({ workspaceId: idSchema, kind: agentKindSchema, model: modelIdSchema }),
    output: modelDefaultSchema,
    errors: [...PERSON_ERRORS],
    capability: "settings.write",
    isRevised: true,
    summary: "Sets the model of an agent kind for tasks that pin none. One that cannot be used now is saved, and the answer says why.",
  },
  "models.removeDefault": {
    id: "MOD-04a",
    method: "DELETE",
    path: ONE,
    input: z.strictObject({ workspaceId: idSchema, kind: agentKindSchema }),
    output: null,
    errors: [...PERSON_ERRORS],
    capability: "settings.write",
    isRevised: true,
    summary: "Removes the model of an agent kind: the deployment's holds again.",
  },
} as const satisfies Operations;
