/** Limits of one door of the model proxy. */
export interface ModelProxyLimits {
  /** Calls at the same time. A further one is refused with 429. Default: 4. */
  readonly callsInFlight: number;
  /** Calls begun within a minute, those that are refused included. A further one is refused with 429. Default: 120. */
  readonly callsPerMinute: number;
  /** Largest body of a request in bytes. A longer one is refused with 413. Default: 8 MiB. */
  readonly requestBytes: number;
  /** Longest answer in bytes, decompressed. A longer one is cut. Default: 64 MiB. */
  readonly responseBytes: number;
  /** Longest time of one call in ms, its stream included. Default: 15 min. */
  readonly callMs: number;
  /** Output tokens of a call that states no limit of its own; the request gets it. Default: 16,000. */
  readonly outputTokens: number;
  /** What a call of a model without a price reserves and settles, in millionths of the currency. Default: 10,000. */
  readonly unpricedCallMicros: number;
  /** Web searches of one door. Default: 60. */
  readonly searches: number;
}

/** The defaults of `ModelProxyLimits`. */
export const defaultModelProxyLimits: ModelProxyLimits = {
  callsInFlight: 4,
  callsPerMinute: 120,
  requestBytes: 8 * 1024 * 1024,
  responseBytes: 64 * 1024 * 1024,
  callMs: 15 * 60_000,
  outputTokens: 16_000,
  unpricedCallMicros: 10_000,
  searches: 60,
};
