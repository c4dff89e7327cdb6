import { asMillraceError } from "../output/error.logic.js";

/** Result of one check of the doctor; `fix` is null where nothing is to be done. */
export interface Finding {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  readonly fix: string | null;
  /** What a program printed; left out where there is nothing. */
  readonly output?: string;
}

export function ok(name: string, message: string): Finding {
  return { name, status: "ok", message, fix: null };
}

export function warn(name: string, message: string, fix: string, output: string | null = null): Finding {
  return { name, status: "warn", message, fix, ...(output === null ? {} : { output }) };
}

export function fail(name: string, message: string, fix: string | null, output: string | null = null): Finding {
  return { name, status: "fail", message, fix, ...(output === null ? {} : { output }) };
}

/** Result of a check. A check that throws is a finding of its own, so that the other checks still run. */
export async function examine(name: string, check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const { message, fix } = asMillraceError(error);
    return fail(name, message, fix);
  }
}
