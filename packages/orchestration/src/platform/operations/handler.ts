import type { Capability, Operation, OperationName, operations, Role, Workspace } from "@millrace/contracts";
import type { Change, ChangeSet } from "@millrace/kernel";
import type { z } from "zod";
import type { Authorship } from "../board-event.logic.js";
import type { Caller } from "./caller.js";

/** What a handler knows of the call beside its input. The caller is signed in, unless the operation is public, and holds its capability. */
export interface OperationContext {
  readonly caller: Caller;
  /** Time and actor of what the call writes. */
  readonly by: Required<Pick<Authorship, "at" | "actor">> & Pick<Authorship, "onBehalfOf">;
  /** Revision that the caller has seen, of an operation that is `isRevised`; null: whatever is there. */
  readonly expected: number | null;
  /**
   * Refuses a caller without a further capability, in the workspace or account of the path.
   * @throws MillraceError `forbidden`.
   */
  readonly require: (capability: Capability) => void;
  /**
   * Commits the changes, and returns the answer. Where the caller sent a key, the request is remembered in the same commit: sent again, it
   * is answered with `remembered` and nothing is done twice. A call has one such commit, in the scope of its path.
   * @param remembered The answer without secrets. Default: `answer`.
   */
  readonly commit: <Answer>(changes: ChangeSet, answer: Answer, remembered?: Answer) => Promise<Answer>;
  /** The record of the request, for a commit that a handler leaves to the engine. Empty where the caller sent no key. */
  readonly remember: (answer: unknown) => Promise<readonly Change<"remember-request">[]>;
}

/** Context of an operation under `/workspaces/{workspaceId}`. */
export interface WorkspaceContext extends OperationContext {
  readonly workspace: Workspace;
  /** Roles of the caller in it. */
  readonly roles: readonly Role[];
}

/** Context of an operation under `/accounts/{accountId}`. */
export interface AccountContext extends OperationContext {
  readonly accountId: string;
  /** Roles of the caller in it. */
  readonly roles: readonly Role[];
}

/** Context of an operation that makes a workspace. */
export interface MakingContext extends OperationContext {
  /** Id of the workspace to be made. */
  readonly newId: string;
}

type ContextOf<Of extends Operation> = Of extends { readonly makes: "workspace" } ? MakingContext : ContextAt<Of["path"]>;
type ContextAt<Path extends string> = Path extends `/workspaces/{workspaceId}${string}`
  ? WorkspaceContext
  : Path extends `/accounts/{accountId}${string}`
    ? AccountContext
    : OperationContext;

/** Answer of an operation. */
export type OutputOf<Of extends Operation> = Of["output"] extends infer Schema extends z.ZodType ? z.input<Schema> : void;

/** Does an operation, once the door has let the call through. */
export type Handler<Of extends Operation> = (context: ContextOf<Of>, input: z.output<Of["input"]>) => Promise<OutputOf<Of>>;

/** Handlers of the operations whose names begin with `Prefix`: the compiler finds a missing one. */
export type HandlersOf<Prefix extends string> = {
  readonly [Name in OperationName as Name extends `${Prefix}.${string}` ? Name : never]: Handler<(typeof operations)[Name]>;
};
