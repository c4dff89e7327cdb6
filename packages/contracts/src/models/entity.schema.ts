import { z } from "zod";
import { agentKindSchema } from "../shared/scalars.schema.js";

/** Id of a model of the catalogue, or a `provider:model` label. */
export const modelIdSchema = z.string().trim().min(1).max(200);

/** Price of a million tokens of each class, in millionths of the currency. */
const modelPriceSchema = z.strictObject({
  inputMicros: z.number().int().nonnegative(),
  outputMicros: z.number().int().nonnegative(),
  cacheReadMicros: z.number().int().nonnegative(),
  cacheWriteMicros: z.number().int().nonnegative(),
});

/** A way to reach a model. */
const modelWaySchema = z.strictObject({
  /** `direct`: a key of the provider. `platform`: the deployment's own. `subscription`: a flat rate of a vendor. */
  via: z.enum(["direct", "platform", "subscription"]),
  provider: z.string().min(1).max(60),
  /** Name of the model at the provider. */
  model: z.string().min(1).max(200),
  /** Vendor whose subscription it takes; null: none. */
  vendor: z.string().max(60).nullable(),
  contextTokens: z.number().int().positive().nullable(),
  /** Null: it has no price of its own, and is settled at its reservation. */
  price: modelPriceSchema.nullable(),
  /** Requests that the provider declares to serve this way: `ask-agent` is one call, `start-job` a job of a coding agent. */
  serves: z.array(z.enum(["ask-agent", "start-job"])),
});
/** A way to reach a model: a provider, its name there, and what it serves. */
export type ModelWay = z.infer<typeof modelWaySchema>;

/** A model of the deployment. */
export const catalogueModelSchema = z.strictObject({
  id: modelIdSchema,
  label: z.string().min(1).max(120),
  description: z.string().max(500),
  /** The preferred one first. */
  ways: z.array(modelWaySchema).min(1),
});
/** A model of the deployment's catalogue, and the ways to reach it. */
export type CatalogueModel = z.infer<typeof catalogueModelSchema>;

/** What an agent kind runs on. */
export const modelDefaultSchema = z.strictObject({
  kind: agentKindSchema,
  /** Model that the workspace sets for it; null: none. */
  model: modelIdSchema.nullable(),
  /** 0: none is set. One higher with each change. */
  revision: z.number().int().nonnegative(),
  /** `provider:model` that it resolves to for a task that pins none; null: the host cannot tell before the call. */
  resolved: z.string().max(200).nullable(),
  from: z.enum(["workspace", "deployment"]),
  usable: z.boolean(),
  /** Why not, and what to do; empty when it is. */
  why: z.string(),
  fix: z.string(),
});
/** The model of an agent kind in a workspace, with what it resolves to and whether it can be used. */
export type ModelDefaultView = z.infer<typeof modelDefaultSchema>;
