import type { AccountEvent, HostEvent } from "@millrace/contracts";
import type { AccountEventChanges, HostEventChanges } from "@millrace/kernel";
import { toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

type Args = { account_id: string | null; at: number; actor: string; type: string; entry: string };

export function platformEventChanges({ db }: SqlBuilder): ChangeHandlers<AccountEventChanges & HostEventChanges> {
  const insert = statement<Args>()((p) =>
    db
      .insertInto("platform_events")
      .values({ account_id: p("account_id"), at: p("at"), actor: p("actor"), type: p("type"), entry: p("entry") }),
  );
  const append = (account_id: string | null, event: AccountEvent | HostEvent): CommitStatement => {
    const row = { account_id, at: event.at, actor: event.actor.id, type: event.event.type, entry: JSON.stringify(event) };
    return toCommit(insert, row);
  };
  return {
    "append-account-event": ({ accountId, event }) => [append(accountId, event)],
    "append-host-event": ({ event }) => [append(null, event)],
  };
}
