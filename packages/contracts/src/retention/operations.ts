import { z } from "zod";
import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { idSchema } from "../shared/scalars.schema.js";
import { retentionPolicySchema, retentionPreviewSchema, retentionViewSchema } from "./entity.schema.js";

const ofWorkspace = z.strictObject({ workspaceId: idSchema });

/** Operations on what a workspace keeps. */
export const operationsOfRetention = {
  "retention.policy": {
    id: "RET-01a",
    method: "GET",
    path: "/workspaces/{workspaceId}/retention",
    input: ofWorkspace,
    output: retentionViewSchema,
    errors: [],
    capability: "settings.write",
    summary: "How long a workspace keeps what.",
  },
  "retention.putPolicy": {
    id: "RET-01b",
    method: "PUT",
    path: "/workspaces/{workspaceId}/retention",
    input: ofWorkspace.extend({ policy: retentionPolicySchema }),
    output: retentionViewSchema,
    errors: [...PERSON_ERRORS],
    capability: "settings.write",
    isRevised: true,
    summary: "Sets how long a workspace keeps what, within the bounds of the host. What is left out gets its default.",
  },
  "retention.preview": {
    id: "RET-02",
    method: "GET",
    path: "/workspaces/{workspaceId}/retention/preview",
    input: ofWorkspace,
    output: retentionPreviewSchema,
    errors: [],
    capability: "settings.write",
    summary: "How much would go now.",
  },
  "retention.hold": {
    id: "RET-04",
    method: "PUT",
    path: "/workspaces/{workspaceId}/runs/{runId}/hold",
    input: ofWorkspace.extend({ runId: idSchema, isHeld: z.boolean(), reason: z.string().trim().min(1).max(300) }),
    output: null,
    errors: [],
    capability: "audit.read",
    summary: "Keeps everything of a run, or no longer. Needs the capability to write settings as well.",
  },
} as const satisfies Operations;
