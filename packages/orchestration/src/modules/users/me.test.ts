import { describe, expect, it } from "vitest";
import { localOwner, type Caller } from "../../platform/operations/caller.js";
import { meOf } from "./me.js";
import { newUser } from "./resolve-sign-in.logic.js";

const user = newUser({ id: "usr_1", name: "Ada", email: "ada@example.com", isEmailVerified: true, at: 1 });

describe("USR-01 the caller", () => {
  it("USR-01 is told its roles and capabilities in each account, cut by its token", () => {
    const token = { id: "mr_1", kind: "personal", scopes: ["runs"], workspaces: ["ws_1"] } as const;
    const caller: Caller = {
      actor: { type: "agent", id: "claude" },
      onBehalfOf: "usr_1",
      grants: { accounts: { acc_b: ["viewer"], acc_a: ["owner"] }, token },
    };
    const me = meOf(caller, user, []);
    expect(me.accounts.map(({ accountId, roles, capabilities }) => [accountId, roles, capabilities])).toEqual([
      ["acc_a", ["owner"], ["run.start", "run.control", "self"]],
      ["acc_b", ["viewer"], ["self"]],
    ]);
    expect(me).toMatchObject({ user, isLocal: false, agent: "claude", token: { id: "mr_1", workspaces: ["ws_1"] }, withoutAccount: null });
  });

  it("USR-01 of a host without users is the person of its machine, and is marked so", () => {
    const me = meOf(localOwner({ type: "human", id: "ada" }), null, []);
    expect(me).toMatchObject({ user: { id: "ada", name: "ada", email: null }, isLocal: true, isOperator: true, accounts: [] });
    expect(me.withoutAccount?.capabilities).toContain("merge.approve");
  });
});
