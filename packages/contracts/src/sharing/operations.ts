import type { Operations } from "../shared/operation.js";
import { pageSchema } from "../shared/page.schema.js";
import { catalogueItemSchema, layoutSchema, mountSchema, shownMountSchema } from "./entity.schema.js";
import {
  catalogueRequestSchema,
  mountRequestSchema,
  mountsRequestSchema,
  putLayoutRequestSchema,
  unmountRequestSchema,
} from "./requests.schema.js";

/** Operations on services that several boards of an account show. */
export const operationsOfSharing = {
  "sharing.catalogue": {
    id: "SVC-01",
    method: "GET",
    path: "/accounts/{accountId}/services",
    input: catalogueRequestSchema,
    output: pageSchema(catalogueItemSchema),
    errors: [],
    capability: "account.read",
    summary: "Lists the services of an account, oldest first, each with its home and the number of other boards that show it.",
  },
  "sharing.mounts": {
    id: "SVC-02",
    method: "GET",
    path: "/workspaces/{workspaceId}/mounts",
    input: mountsRequestSchema,
    output: pageSchema(shownMountSchema),
    errors: [],
    capability: "workspace.read",
    summary: "Lists the services of other boards that a board shows, oldest first. One whose service is gone is not shown.",
  },
  "sharing.mount": {
    id: "SVC-03",
    method: "PUT",
    path: "/workspaces/{workspaceId}/mounts/{serviceId}",
    input: mountRequestSchema,
    output: mountSchema,
    errors: ["limit_reached"],
    capability: "service.write",
    summary: "Shows a service of another board of the account. One that is shown already stays as it is.",
  },
  "sharing.unmount": {
    id: "SVC-04",
    method: "DELETE",
    path: "/workspaces/{workspaceId}/mounts/{serviceId}",
    input: unmountRequestSchema,
    output: null,
    errors: [],
    capability: "service.write",
    summary: "Shows a service of another board no longer; it stays at home. Its home cannot: there it is removed.",
  },
  "sharing.putLayout": {
    id: "SVC-05",
    method: "PUT",
    path: "/workspaces/{workspaceId}/mounts/{serviceId}/layout",
    input: putLayoutRequestSchema,
    output: layoutSchema,
    errors: [],
    capability: "board.write",
    isRevised: true,
    summary: "Sets where a board draws a service, its own or one of another board, and how large. Other boards are not touched.",
  },
} as const satisfies Operations;
