import { z } from "zod";
import { agentKindSchema, idSchema } from "../shared/scalars.schema.js";

/** Tiers of fragments, from the lowest: a higher one overrides a fragment of the same id. */
const fragmentTierSchema = z.enum(["built-in", "account", "workspace"]);
/** Where a fragment comes from; `built-in`: the code of Millrace or of the host. */
export type FragmentTier = z.infer<typeof fragmentTierSchema>;

const fields = {
  title: z.string().trim().min(1).max(200),
  category: z.string().trim().min(1).max(100).nullable().default(null),
  /** One look at what it asks for. */
  summary: z.string().trim().min(1).max(500),
  /** Instructions of people to agents, in Markdown. */
  body: z.string().min(1).max(20_000),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
  /** What it is meant for, for people who choose; empty: for everything. */
  appliesTo: z
    .strictObject({
      blockTypes: z.array(z.string().min(1).max(60)).max(20).default([]),
      agentKinds: z.array(agentKindSchema).max(50).default([]),
    })
    .prefault({}),
};

/** A piece of guidance that people fold into the prompts of agents. */
export const fragmentSchema = z.strictObject({
  id: idSchema,
  /** From 1; one higher with each change. It is the revision, too. */
  version: z.number().int().positive(),
  ...fields,
});
/** Guidance for agents: coding standards, ways to test. */
export type Fragment = z.infer<typeof fragmentSchema>;

/** A fragment as a host registers it: everything but id, version, title, summary and body has a default. */
export type FragmentInput = z.input<typeof fragmentSchema>;

/** A fragment as it holds in a workspace. */
export const resolvedFragmentSchema = fragmentSchema.extend({ tier: fragmentTierSchema });
/** A fragment with the tier that it comes from. */
export type ResolvedFragment = z.infer<typeof resolvedFragmentSchema>;

/** A new fragment as a client sends it. */
export const createFragmentSchema = z.strictObject({
  /** Default: the title in lower-case words joined by -. */
  id: idSchema.optional(),
  ...fields,
  /** Says that it takes the place of a fragment of a lower tier. Default: false, and an id of a lower tier is refused. */
  overrides: z.boolean().default(false),
});
/** A validated new fragment. */
export type CreateFragment = z.infer<typeof createFragmentSchema>;

/** A change of a fragment as a client sends it: what is left out stays. */
export const updateFragmentSchema = z.strictObject({
  title: fields.title.optional(),
  category: z.string().trim().min(1).max(100).nullable().optional(),
  summary: fields.summary.optional(),
  body: fields.body.optional(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).optional(),
  appliesTo: fields.appliesTo.unwrap().optional(),
});
/** A validated change of a fragment. */
export type UpdateFragment = z.infer<typeof updateFragmentSchema>;

/** Fragments that a new service of a workspace gets. */
export const fragmentDefaultsSchema = z.strictObject({
  ids: z
    .array(idSchema)
    .max(50)
    .refine((ids) => new Set(ids).size === ids.length, "an id stands twice"),
  /** 0: none were ever set. */
  revision: z.number().int().nonnegative(),
});
/** Ids of the fragments that a new service gets, with their revision. */
export type FragmentDefaults = z.infer<typeof fragmentDefaultsSchema>;

/** Fragments that were folded into the prompt of a request. */
export const foldedFragmentsSchema = z.strictObject({
  used: z.array(z.strictObject({ id: idSchema, version: z.number().int().positive(), tier: fragmentTierSchema })).max(100),
  /** Ids that nothing stands for any more, or that did not fit. */
  leftOut: z.array(idSchema).max(100),
});
/** What a prompt was given, by id and version, and what was left out of it. */
export type FoldedFragments = z.infer<typeof foldedFragmentsSchema>;
