/**
 * The door to every operation: what a caller says is checked against the operation table before a handler sees it, and nothing else checks
 * it. A transport, the command line and an embedder go through it alike.
 *
 * 1. The input fits its schema, with no unknown member; else `invalid_request`.
 * 2. A caller outside of the workspace or account gets what a missing id gets, `not_found`; one inside without the capability `forbidden`.
 * 3. A workspace that is being deleted is read only, but for a repeated request to delete it; an account that is being deleted is read only.
 * 4. A change of a stored thing names the revision it was decided on; else `precondition_required`.
 * 5. A request with a key that has landed is answered as before; with another input it is `key_reused`.
 */
import { operations, type Operation, type OperationName, type Role } from "@millrace/contracts";
import { MillraceError, digestText, isMillraceError, notFound, type ChangeSet, type ScopeRef } from "@millrace/kernel";
import { z } from "zod";
import type { OrchestrationPorts } from "../ports.js";
import { requireCapability, requireConfirmed, requireSignedIn, requireThePersonItself, rolesIn, rolesInWorkspace } from "./access.js";
import type { Caller } from "./caller.js";
import type { AccountContext, Handler, MakingContext, OperationContext, OutputOf, WorkspaceContext } from "./handler.js";

/** What a call says beside its input. */
export interface CallOptions {
  /** Revision of the stored thing that the caller has seen; `*`: whatever is there. Default: not said, which a change of one refuses. */
  readonly ifMatch?: number | "*";
  /** Idempotency key, 1 to 200 characters: the same request sent again within 24 hours is answered as before. Default: none. */
  readonly key?: string;
}

/**
 * Calls an operation of the table by its name. `input` is untrusted.
 * @throws MillraceError The operation's errors, and those of every operation (`COMMON_ERRORS`).
 */
export type Call = <Name extends OperationName>(
  name: Name,
  caller: Caller,
  input: z.input<(typeof operations)[Name]["input"]>,
  options?: CallOptions,
) => Promise<OutputOf<(typeof operations)[Name]>>;

type DoorPorts = Pick<OrchestrationPorts, "store" | "clock" | "digestText">;

/** How long a request with a key is remembered, in ms: 24 hours. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

const keySchema = z.string().min(1).max(200);

type Handlers = { readonly [Name in OperationName]: Handler<(typeof operations)[Name]> };
type AnyHandler = (context: OperationContext, input: unknown) => Promise<unknown>;

/** The door before these handlers. */
export function createDoor(ports: DoorPorts, handlers: Handlers): Call {
  async function call(name: OperationName, caller: Caller, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const operation: Operation = operations[name];
    const parsed = readInput(name, operation, input);
    const context = await admit(ports, { name, operation, caller, input: parsed, options });
    const before = await context.answeredBefore();
    if (before !== null) return before.answer;
    try {
      return await (handlers[name] as AnyHandler)(context, parsed);
    } catch (error) {
      // Of two that were sent at once, the other has landed: its answer is this one's.
      const meanwhile = isMillraceError(error, "conflict") ? await context.answeredBefore() : null;
      if (meanwhile === null) throw error;
      return meanwhile.answer;
    }
  }
  return call as Call;
}

function readInput(name: string, operation: Operation, input: unknown): Readonly<Record<string, unknown>> {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = issues;
  throw new MillraceError(
    "invalid_request",
    `the input of ${name} does not fit: ${first?.path === "" ? "" : `${first?.path}: `}${first?.message}`,
    {
      fix: "correct what is named, and send it again",
      details: { issues },
    },
  );
}

interface Request {
  readonly name: string;
  readonly operation: Operation;
  readonly caller: Caller;
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: CallOptions;
}

type Admitted = OperationContext & { readonly answeredBefore: () => Promise<{ readonly answer: unknown } | null> };

async function admit(ports: DoorPorts, request: Request): Promise<Admitted> {
  const { operation, caller, options } = request;
  const { capability } = operation;
  const now = ports.clock.now();
  if (capability !== "public") requireSignedIn(caller);
  const place = await placeOf(ports, request);
  if (capability !== "public") requireCapability(caller, capability, place.roles);
  if (capability === "self" && operation.method !== "GET") requireThePersonItself(caller);
  if (operation.isConfirmed === true) requireConfirmed(caller, now);
  if (operation.isRevised === true && options.ifMatch === undefined)
    throw new MillraceError("precondition_required", `${request.name} changes a stored thing: say which revision it was decided on`, {
      fix: "send the revision that you have read as If-Match, or * for whatever is there",
    });
  return { ...place.fields, ...contextOf(ports, request, place, now) } satisfies Admitted &
    Partial<WorkspaceContext & AccountContext & MakingContext>;
}

interface Place {
  readonly scope: ScopeRef;
  readonly roles: readonly Role[];
  readonly fields: Partial<
    Pick<WorkspaceContext, "workspace" | "roles"> & Pick<AccountContext, "accountId"> & Pick<MakingContext, "newId">
  >;
}

/** The workspace or account of the path, which the caller is inside of; every other operation is of the host. */
async function placeOf(ports: DoorPorts, request: Request): Promise<Place> {
  const { store } = ports;
  const { operation, caller, input } = request;
  if (operation.path.startsWith("/workspaces/{workspaceId}")) {
    const id = String(input["workspaceId"]);
    const workspace = await store.workspaces.get(id);
    const roles = workspace === null ? [] : rolesInWorkspace(caller, workspace);
    if (workspace === null || roles.length === 0) throw notFound("workspace", id);
    if (workspace.deletingAt !== null && operation.method !== "GET" && !isDeletion(operation))
      throw new MillraceError("conflict", `workspace '${id}' is being deleted`, { fix: "nothing in it can be changed any more" });
    return { scope: { of: "workspace", id }, roles, fields: { workspace, roles } };
  }
  const { scope, fields } = operation.makes === "workspace" ? await newWorkspace(ports, request) : { scope: HOST, fields: {} };
  const { accountId } = input;
  if (typeof accountId === "string") {
    const roles = rolesIn(caller, accountId);
    if (roles.length === 0 && operation.capability !== "operator") throw notFound("account", accountId);
    if (operation.method !== "GET") await requireStays(ports, accountId);
    const isOfAccount = operation.path.startsWith("/accounts/{accountId}");
    return isOfAccount ? { scope: { of: "account", id: accountId }, roles, fields: { accountId, roles } } : { scope, roles, fields };
  }
  const { accounts, withoutAccount = [] } = caller.grants;
  return { scope, roles: [...Object.values(accounts).flat(), ...withoutAccount], fields };
}

/** Refuses an account that is being deleted. An embedder's account, which is not in the store, stays. */
async function requireStays({ store }: DoorPorts, accountId: string): Promise<void> {
  const account = await store.accounts.get(accountId);
  if (account !== null && account.deletingAt !== null)
    throw new MillraceError("conflict", `account '${accountId}' is being deleted`, { fix: "nothing in it can be changed any more" });
}

const HOST: ScopeRef = { of: "host" };

const isDeletion = ({ method, path }: Operation): boolean => method === "DELETE" && path === "/workspaces/{workspaceId}";

/** The request is remembered in the workspace that it makes, in the same commit: one database holds both. */
async function newWorkspace(ports: DoorPorts, { name, operation, caller, options }: Request): Promise<Pick<Place, "scope" | "fields">> {
  const key = readKey(name, operation, options.key);
  const digest = await (ports.digestText ?? digestText)(JSON.stringify([identityOf(caller), name, key]));
  const newId = `ws_${digest.slice(0, 24)}`;
  return { scope: { of: "workspace", id: newId }, fields: { newId } };
}

/** One agent may act for several persons: what it sent for one is no request of another. */
const identityOf = ({ actor, onBehalfOf }: Caller): string =>
  `${actor.type} ${actor.id}${onBehalfOf === undefined ? "" : ` for ${onBehalfOf}`}`;

function contextOf(ports: DoorPorts, request: Request, { scope, roles }: Place, now: number): Admitted {
  const { name, operation, caller, input, options } = request;
  const { store } = ports;
  const { actor, onBehalfOf } = caller;
  const key = readKey(name, operation, options.key);
  const identity = { caller: identityOf(caller), operation: name, key: key ?? "" };
  // The parsed input has its members in the order of its schema, so equal inputs have equal texts.
  const digest = async (): Promise<string> => (ports.digestText ?? digestText)(JSON.stringify([input, options.ifMatch ?? null]));
  const remember: OperationContext["remember"] = async (answer) => {
    if (key === null) return [];
    const remembered = { scope, ...identity, digest: await digest(), answer: JSON.stringify(answer ?? null), at: now };
    return [{ change: "remember-request", request: remembered, forgetBefore: now - REMEMBERED_MS }];
  };
  return {
    caller,
    by: { at: now, actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) },
    expected: options.ifMatch === undefined || options.ifMatch === "*" ? null : options.ifMatch,
    require: (capability) => requireCapability(caller, capability, roles),
    remember,
    async commit(changes, answer, remembered = answer) {
      const request = await remember(remembered);
      await store.commit([...changes, ...request] as ChangeSet);
      return answer;
    },
    async answeredBefore() {
      if (key === null) return null;
      const found = await store.requests.get({ scope, ...identity });
      if (found === null || found.at < now - REMEMBERED_MS) return null;
      if (found.digest !== (await digest()))
        throw new MillraceError("key_reused", `the key '${key}' was used for another request of ${name}`, { fix: "use a fresh key" });
      return { answer: operation.output === null ? undefined : operation.output.parse(JSON.parse(found.answer)) };
    },
  };
}

function readKey(name: string, { needsKey, method }: Operation, key: string | undefined): string | null {
  if (key === undefined && needsKey !== true) return null;
  const parsed = keySchema.safeParse(key);
  if (parsed.success && method === "POST") return parsed.data;
  throw new MillraceError(
    "invalid_request",
    method === "POST"
      ? `${name} needs an idempotency key of 1 to 200 characters`
      : `${name} takes no idempotency key: doing it again changes nothing`,
    { fix: method === "POST" ? "send an Idempotency-Key that is fresh for each new request" : "leave the key out" },
  );
}
