import type { AccountEventChanges, HostEventChanges } from "@millrace/kernel";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

export function platformEventChanges({ db }: SqlBuilder): ChangeHandlers<AccountEventChanges & HostEventChanges> {
  const append = statement<{ account_id: string | null; entry: string }>()((p) =>
    db.insertInto("platform_events").values({ account_id: p("account_id"), entry: p("entry") }),
  );
  return {
    "append-account-event": ({ accountId, event }) => [toCommit(append, { account_id: accountId, entry: JSON.stringify(event) })],
    "append-host-event": ({ event }) => [toCommit(append, { account_id: null, entry: JSON.stringify(event) })],
  };
}
