import type { RequestChanges, RequestKey } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { RequestRow } from "./table.js";

/** The key is the guard: of two commits of one request, the second is refused. */
export function requestChanges({ db }: SqlBuilder): ChangeHandlers<RequestChanges> {
  const forget = statement<{ scope: string; caller: string; before: number }>()((p) =>
    db.deleteFrom("requests").where("scope", "=", p("scope")).where("caller", "=", p("caller")).where("at", "<", p("before")),
  );
  const insert = statement<RequestRow>()((p) =>
    db.insertInto("requests").values({
      scope: p("scope"),
      workspace_id: p("workspace_id"),
      caller: p("caller"),
      operation: p("operation"),
      key: p("key"),
      digest: p("digest"),
      answer: p("answer"),
      at: p("at"),
    }),
  );
  return {
    "remember-request": ({ request, forgetBefore }) => {
      const { digest, answer, at, ...key } = request;
      const { scope } = request;
      const row = { ...keyColumns(key), workspace_id: scope.of === "workspace" ? scope.id : null, digest, answer, at };
      return [
        toCommit(forget, { scope: row.scope, caller: row.caller, before: forgetBefore }),
        toCommit(insert, row, { "primary-key": () => landed(key) }),
      ];
    },
  };
}

/** The identity of a request as it is stored. */
export function keyColumns({ scope, caller, operation, key }: RequestKey): Pick<RequestRow, "scope" | "caller" | "operation" | "key"> {
  return { scope: scope.of === "host" ? "host" : `${scope.of} ${scope.id}`, caller, operation, key };
}

function landed({ operation, key }: RequestKey): MillraceError {
  return new MillraceError("conflict", `the request '${key}' of ${operation} has landed already`, {
    fix: "Send it again: it is answered as before.",
  });
}
