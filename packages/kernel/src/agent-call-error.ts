import type { ErrorCode } from "@millrace/contracts";
import { MillraceError, isMillraceError, type MillraceErrorOptions } from "./errors.js";
import type { TokenUsage } from "./ports/agent.port.js";

/** The failure of an agent's call that may have spent something. */
export class AgentCallError extends MillraceError {
  /** What the call used until it failed; null: unknown. */
  readonly usage: TokenUsage | null;

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions & { readonly usage: TokenUsage | null }) {
    super(code, message, options);
    this.usage = options.usage;
  }
}

/** True for an error that says what its call used. Works across copies of this package. */
export function isAgentCallError(error: unknown): error is AgentCallError {
  return isMillraceError(error) && "usage" in error;
}
