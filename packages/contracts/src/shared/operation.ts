import type { z } from "zod";
import type { Capability } from "./capability.schema.js";
import type { ErrorCode } from "./errors.schema.js";

/**
 * An operation of the platform, as data. A server, a client, a document and the two-tenant tests are made from the table of operations,
 * and none of them adds a rule.
 */
export interface Operation {
  /** Row of the work list, `RUN-05`. Several operations of one row differ by a letter: `RVW-05a`. */
  readonly id: string;
  /** Further rows that the same route serves, depending on the input. Default: none. */
  readonly also?: readonly string[];
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the version prefix. Each `{name}` is a member of `input`; the other members are the query of a GET or DELETE, else the body. */
  readonly path: `/${string}`;
  /** Parameters, query and body in one object. The caller is not part of it. */
  readonly input: z.ZodObject;
  /** Schema of the response body; null: none, with status 204. */
  readonly output: z.ZodType | null;
  /** Codes beside those that every operation may answer (`COMMON_ERRORS`). */
  readonly errors: readonly ErrorCode[];
  /** What the caller must hold in the account or workspace of the path; `public`: everybody may call it. */
  readonly capability: Capability | "public";
  /** Changes a stored thing that has a revision: the caller says which one it has seen, or `*` for whatever is there. Default: no. */
  readonly isRevised?: boolean;
  /** Starts something outside, or makes something that a tenant has once: the caller brings an idempotency key. Default: it may bring one. */
  readonly needsKey?: boolean;
  /** Makes a workspace, whose id follows from the idempotency key: a repeated request finds it. Default: it makes none. */
  readonly makes?: "workspace";
  /** Answers a part at a time: a transport asks again with `nextAfter`, and sends the parts as one stream. Default: in one piece. */
  readonly isStreamed?: boolean;
  /** Needs a fresh proof of who the caller is, of the last 10 minutes. Default: no. */
  readonly isConfirmed?: boolean;
  /** One line of documentation. */
  readonly summary: string;
}

/** Operations by their names, `<module>.<verb>`. */
export type Operations = Readonly<Record<`${string}.${string}`, Operation>>;

/** Codes of an operation that only people do. */
export const PERSON_ERRORS = ["forbidden_actor", "unauthenticated", "invalid_credentials"] as const satisfies readonly ErrorCode[];

/** Codes that every operation may answer. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  "invalid_request",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "precondition_required",
  "key_reused",
  "validation",
  "stale_revision",
  "stored_shape_newer",
  "stored_shape_invalid",
  "database_busy",
  "database_unwritable",
  "database_newer",
  "database_corrupt",
  "unavailable",
  "internal",
];
