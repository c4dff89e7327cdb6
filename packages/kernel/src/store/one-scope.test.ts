import { describe, expect, expectTypeOf, it } from "vitest";
import type { OneScope } from "./change-types.js";
import type { Change } from "./index.js";
import { assertOneScope, isOfWorkspace } from "./one-scope.js";

const wake = (workspaceId: string): Change<"wake"> => ({ change: "wake", workspaceId, runId: "run_a", at: 1 });
const activation = (workspaceId: string): Change<"put-activation"> => ({
  change: "put-activation",
  activation: { workspaceId, runId: "run_a", vendor: "acme", sealed: "s", expiresAt: 1 },
});

describe("the changes of a commit", () => {
  it("may all be of one workspace, named beside a record or in it", () => {
    expect(() => assertOneScope([])).not.toThrow();
    expect(() => assertOneScope([wake("ws_a"), activation("ws_a"), wake("ws_a")])).not.toThrow();
  });

  it("are refused when they name two workspaces, wherever the second stands", () => {
    for (const mixed of [
      [wake("ws_a"), wake("ws_b")],
      [wake("ws_a"), activation("ws_b")],
      [activation("ws_b"), wake("ws_b"), activation("ws_a")],
    ]) {
      expect(() => assertOneScope(mixed)).toThrow(expect.objectContaining({ code: "validation", fix: expect.any(String) }));
    }
  });

  it("may be of the host and of accounts, but of one account only without it", () => {
    const record = { version: 1, at: 1, actor: { type: "human", id: "usr_1" } } as const;
    const of = (accountId: string): Change<"append-account-event"> => ({
      change: "append-account-event",
      accountId,
      event: { ...record, event: { type: "account-created", name: "Acme" } },
    });
    const ofHost: Change<"append-host-event"> = {
      change: "append-host-event",
      event: { ...record, event: { type: "user-created", userId: "usr_1" } },
    };
    expect(() => assertOneScope([of("a"), ofHost, of("b")])).not.toThrow();
    expect(() => assertOneScope([of("a"), of("a")])).not.toThrow();
    for (const mixed of [[of("a"), of("b")], JSON.parse(JSON.stringify([of("ws_a"), wake("ws_a")]))])
      expect(() => assertOneScope(mixed)).toThrow(expect.objectContaining({ code: "validation" }));
  });

  it("are refused when they name a workspace and the host", () => {
    const progress = { channel: "chat", cursor: "0", made: 0, leaseUntil: 0, revision: 1 };
    const ofHost: Change<"put-channel-progress"> = { change: "put-channel-progress", progress };
    expect(() => assertOneScope([ofHost, ofHost])).not.toThrow();
    expect([[], [wake("ws_a")], [ofHost]].map((changes) => isOfWorkspace(changes))).toEqual([true, true, false]);
    for (const mixed of [
      [wake("ws_a"), ofHost],
      [ofHost, wake("ws_a")],
    ]) {
      // The compiler refuses such a list; this is for callers without one.
      expect(() => assertOneScope(JSON.parse(JSON.stringify(mixed)))).toThrow(expect.objectContaining({ code: "validation" }));
    }
  });

  it("are of one scope by type: a list of two scopes does not compile", () => {
    interface Board {
      "move-block": { readonly id: string };
      "put-output": { readonly key: string };
    }
    interface Account {
      "add-member": { readonly userId: string };
    }
    type Changes = OneScope<{ workspace: Board; account: Account }>;
    const move = { change: "move-block", id: "a" } as const;
    const put = { change: "put-output", key: "k" } as const;
    const add = { change: "add-member", userId: "u" } as const;
    expectTypeOf([move, put]).toExtend<Changes>();
    expectTypeOf([add]).toExtend<Changes>();
    expectTypeOf([move, add]).not.toExtend<Changes>();
  });
});
