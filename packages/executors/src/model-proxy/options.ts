import type { ModelPrice } from "@millrace/agents";
import type { Clock, ModelWireFormat, TokenCounts, WebSearch } from "@millrace/kernel";
import type { ModelProxyLimits } from "./limits.js";
import type { ModelProvider } from "./provider.js";

/**
 * How a call ended. `complete`: its usage was told in full. `cut`: it was not: the stream broke, was too long, or cannot be read.
 * `aborted`: the client left, the door was closed, or its time was over. `refused`: the provider answered with an error. `unreached`: it
 * was never asked. The last two cost nothing.
 */
export type ModelCallEnd = "complete" | "cut" | "aborted" | "refused" | "unreached";

/** One metered call, as it is recorded when it has ended. Holds no text of it. */
export interface ModelCall {
  readonly id: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly step: number;
  readonly key: string;
  readonly model: string;
  readonly format: ModelWireFormat;
  /** Status of the provider's answer; null: there was none. */
  readonly status: number | null;
  readonly end: ModelCallEnd;
  readonly tokens: TokenCounts | null;
  readonly reservedMicros: number;
  readonly settledMicros: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What the model proxy is made of. */
export interface ModelProxyOptions {
  readonly providers: readonly ModelProvider[];
  readonly clock: Clock;
  /** Default: `defaultModelProxyLimits`. */
  readonly limits?: Partial<ModelProxyLimits>;
  /** Price of a model; null: unknown. Default: the list price. */
  readonly priceOf?: (model: string) => ModelPrice | null;
  /** Called for each metered call when it has ended; must not throw. Default: none. */
  readonly onCall?: (call: ModelCall) => void;
  /** Default: `webSearchOff`. */
  readonly search?: WebSearch;
  /** Default: that of the host. */
  readonly fetch?: typeof globalThis.fetch;
}
