/** Answers that the proxy gives by itself. The texts are fixed: nothing of a request, an answer or a key is in them. */
const REFUSALS = {
  unauthorized: [401, "the run token is missing, unknown or over"],
  not_found: [404, "there is nothing at this address: the model is reached at the endpoints of its own API"],
  invalid_body: [400, "the body is no JSON object of this API"],
  compressed_body: [415, "send the body without a content encoding"],
  beyond_door: [400, "content that the provider would fetch or has stored is not available here: put it into the request"],
  too_large: [413, "the body is longer than the model proxy takes"],
  over_reservation: [402, "the reservation of this job does not cover another call"],
  calls_in_flight: [429, "too many calls are in flight: wait until one of them has ended"],
  calls_per_minute: [429, "too many calls within a minute"],
  searches_used_up: [429, "this job has used up its web searches"],
  search_off: [404, "the web search is off"],
  search_failed: [502, "the web search failed"],
  credential_refused: [403, "the provider refused the host's credential: the person who runs the host has to look at it"],
  provider_unreached: [502, "the provider cannot be reached"],
  internal: [500, "the model proxy failed"],
  provider_unreadable: [502, "the provider gave an answer that is none of its API"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

/** Stable name of a refusal. */
export type RefusalCode = keyof typeof REFUSALS;

/** Thrown where a request cannot go on; its format gives it the shape that the client knows. */
export class ModelRefusal extends Error {
  override readonly name = "ModelRefusal";
  readonly code: RefusalCode;
  readonly status: number;
  /** Seconds until a repetition can help; null: none can. */
  readonly retryAfterS: number | null;

  constructor(code: RefusalCode, retryAfterS: number | null = null) {
    const [status, message] = REFUSALS[code];
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}
