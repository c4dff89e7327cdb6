import type { JsonValue } from "@millrace/contracts";
import type { ModelWireFormat, TokenCounts } from "@millrace/kernel";
import type { ModelRefusal } from "./refusal.logic.js";

/** One address of an API that a client may post to. */
export interface Endpoint {
  readonly path: string;
  /** Address at the provider, relative to its base URL. */
  readonly target: string;
  /** The only query that is passed on; null: none. */
  readonly query: string | null;
  /** False for a call that is free. */
  readonly isMetered: boolean;
}

/** A request as it is sent to the provider. */
export interface PreparedCall {
  readonly body: Readonly<Record<string, unknown>>;
  /** The most tokens that the model may write. */
  readonly outputTokens: number;
}

/** Limits and identity that a request is prepared with. */
export interface CallBounds {
  /** Name of the model at its provider. */
  readonly model: string;
  /** Output tokens of a request that states no limit. */
  readonly outputTokens: number;
}

/** What was read of an answer so far. */
export interface Reading {
  /** Null until the provider has told any. */
  readonly tokens: TokenCounts | null;
  /** True once the counts are final. */
  readonly isComplete: boolean;
}

/** Reading of an answer of which nothing was seen. */
export const NOTHING_READ: Reading = { tokens: null, isComplete: false };

/**
 * One API as it is spoken on the wire. Everything that is special about it is here: addresses, headers, bodies, events, errors.
 * Formats are listed in `wire-formats.ts`.
 */
export interface WireFormat {
  readonly name: ModelWireFormat;
  readonly endpoints: readonly Endpoint[];
  /** Headers of a client that are passed on, beside `content-type` and `accept`; lower case. */
  readonly requestHeaders: readonly string[];
  /** Header that carries the provider's key. */
  credential(key: string): readonly [name: string, value: string];
  /**
   * The request with the model pinned and a limit of its output. Left out is what the list of the format does not have: identities of
   * people and devices, tools that run at the provider, other tiers of prices.
   *
   * @throws ModelRefusal `invalid_body`, `beyond_door`.
   */
  prepare(body: unknown, endpoint: Endpoint, bounds: CallBounds): PreparedCall;
  /** Texts of which an event that tells of usage has one. The others, thousands in an answer, are not parsed. */
  readonly usageMarks: readonly string[];
  /** Takes the data of one event of a stream into account. */
  readEvent(before: Reading, event: unknown): Reading;
  /** The whole of an answer that is no stream. */
  readAnswer(answer: unknown): Reading;
  errorBody(refusal: Pick<ModelRefusal, "status" | "code" | "message">): JsonValue;
  modelList(model: string): JsonValue;
  /** Variables that lead a client of this API to the proxy. `url` has no path. */
  environment(url: string, token: string): Readonly<Record<string, string>>;
}
