import { AgentCallError, MillraceError, type TokenUsage } from "@millrace/kernel";
import { APICallError, RetryError } from "ai";
import { isUnreached } from "./unreached.logic.js";

/**
 * Translates the failure of a model call. `model_failed` (rate limit, overload, network) may pass; the other codes would fail again. Bodies
 * and headers of the provider are left out: they may quote the prompt or the key. A call that the provider refused, or that did not reach
 * it, used nothing; any other used `usage`.
 */
export function modelError(label: string, error: unknown, usage: TokenUsage): MillraceError {
  const cause = RetryError.isInstance(error) ? error.lastError : error;
  if (!APICallError.isInstance(cause)) return new AgentCallError("model_failed", `the call of '${label}' failed`, { cause, usage });
  const status = cause.statusCode;
  const details = status === undefined ? {} : { status };
  if (status === 404)
    return new MillraceError("model_missing", `the provider does not know the model '${label}'`, {
      fix: "check the model's name and the provider's address",
      details,
    });
  if (status === 401 || status === 403)
    return new MillraceError("config_invalid", `the provider of '${label}' refused the API key (${status})`, {
      fix: "check the key and what it may use",
      details,
    });
  if (status === undefined && !isUnreached(cause))
    return new AgentCallError("model_failed", `the call of '${label}' failed: its connection broke`, { cause, usage });
  if (status === undefined || status === 408 || status === 409 || status === 429 || status >= 500) {
    return new MillraceError(
      "model_failed",
      `the call of '${label}' failed${status === undefined ? ": the provider cannot be reached" : ` (${status})`}`,
      { details, cause },
    );
  }
  if (status < 400)
    return new AgentCallError("model_failed", `the provider of '${label}' gave an answer that cannot be read (${status})`, {
      details,
      cause,
      usage,
    });
  return new MillraceError("model_refused", `the provider of '${label}' refused the request (${status})`, { details, cause });
}
