import type { ErrorCode, ErrorEnvelope, JsonValue } from "@millrace/contracts";

/** What an error carries beside its code and message: a fix, structured details, a cause. */
export interface MillraceErrorOptions {
  /** What to do about it, as one sentence a tired person can follow. */
  readonly fix?: string;
  readonly details?: Readonly<Record<string, JsonValue>>;
  readonly cause?: unknown;
}

/**
 * The one error class of Millrace: a stable `code`, a message that names the thing, and the fix.
 * Callers branch on `code`; nothing matches on `message`.
 */
export class MillraceError extends Error {
  override readonly name = "MillraceError";
  readonly code: ErrorCode;
  readonly fix: string | null;
  readonly details: Readonly<Record<string, JsonValue>>;

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix ?? null;
    this.details = options.details ?? {};
  }

  /** The shape in which the error leaves a process. The cause stays inside: it may quote a secret. */
  toEnvelope(): ErrorEnvelope {
    const details = this.details as ErrorEnvelope["error"]["details"];
    return {
      error: {
        code: this.code,
        message: this.message,
        fix: this.fix,
        ...(Object.keys(this.details).length > 0 && details !== undefined ? { details } : {}),
      },
    };
  }
}

/** True for an error of Millrace, with that code when one is given. Works across copies of this package. */
export function isMillraceError(error: unknown, code?: ErrorCode): error is MillraceError {
  return error instanceof Error && error.name === "MillraceError" && "code" in error && (code === undefined || error.code === code);
}

/** A missing thing and another tenant's thing read the same. */
export function notFound(entity: string, id: string, fix?: string): MillraceError {
  return new MillraceError("not_found", `${entity} '${id}' does not exist`, {
    details: { entity, id },
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The value, or `not_found` naming the entity. */
export function assertFound<T>(value: T | null | undefined, entity: string, id: string): T {
  if (value === null || value === undefined) throw notFound(entity, id);
  return value;
}
