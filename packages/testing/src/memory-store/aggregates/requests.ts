import type { RequestChanges, RequestKey, RequestReads } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const requestChanges: MemoryHandlers<RequestChanges> = {
  "remember-request"(draft, { request, forgetBefore }) {
    const { requests } = draft.tables;
    const of = JSON.stringify([request.scope, request.caller]);
    for (const [key, other] of requests)
      if (other.at < forgetBefore && JSON.stringify([other.scope, other.caller]) === of) draft.delete(requests, key);
    const key = keyOfRequest(request);
    if (requests.has(key))
      throw new MillraceError("conflict", `the request '${request.key}' of ${request.operation} has landed already`, {
        fix: "Send it again: it is answered as before.",
      });
    draft.set(requests, key, request);
  },
};

export function requestReads({ requests }: MemoryTables): RequestReads {
  return { get: async (request) => copyOrNull(requests.get(keyOfRequest(request))) };
}

/** One of a workspace begins with its id, like every key of a row of a workspace. */
const keyOfRequest = ({ scope, caller, operation, key }: RequestKey): string =>
  keyOf(scope.of === "workspace" ? scope.id : "", JSON.stringify(scope), caller, operation, key);
