import type { ByPerson } from "../../run/commands/prove-person.js";
import type { OperationContext } from "./handler.js";

/** Who writes, as the services take it that trust their caller: the engine's, and those that hosts call by themselves. */
export interface WrittenBy extends ByPerson {
  /** Id of the person that the actor acts for. Default: none. */
  readonly onBehalfOf?: string;
  /** Revision that the caller has seen; null: whatever is there. Default: null. */
  readonly expected?: number | null;
  /** The record of the request, to be committed with its changes. Default: the request is not remembered. */
  readonly remember?: OperationContext["remember"];
}

/** The caller of an operation, as those services take it. */
export function writtenBy({ caller, by, expected, remember }: OperationContext): WrittenBy {
  const { actor, onBehalfOf } = by;
  return { actor, credential: caller.credential, expected, remember, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
}
