import { capabilitySchema, capabilityTable, roleSchema, tokenScopeSchema, type Capability } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { holds, requireConfirmed, requireThePersonItself, rolesInWorkspace } from "./access.js";
import { localOwner, type Caller, type CallerToken } from "./caller.js";

const person = { type: "human", id: "usr_1" } as const;
const agent = { type: "agent", id: "claude" } as const;
const token = (over: Partial<CallerToken> = {}): CallerToken => ({
  id: "mr_1",
  kind: "personal",
  scopes: tokenScopeSchema.options,
  workspaces: null,
  ...over,
});
const caller = (over: Partial<Caller> = {}, withToken?: CallerToken): Caller => ({
  actor: person,
  grants: { accounts: { acc_1: ["owner"] }, ...(withToken === undefined ? {} : { token: withToken }) },
  ...over,
});
const capabilities = capabilitySchema.options;
const held = (by: Caller, roles: Parameters<typeof holds>[2] = ["owner"]): readonly Capability[] =>
  capabilities.filter((capability) => holds(by, capability, roles));

describe("what a caller holds", () => {
  it("is what its roles have, and roles add up", () => {
    expect(capabilities.filter((each) => !held(caller()).includes(each))).toEqual(["operator"]);
    expect(held(caller(), ["viewer"])).toEqual(["account.read", "workspace.read", "self"]);
    expect(held(caller(), ["viewer", "product"])).toEqual(held(caller(), ["product"]));
    for (const role of roleSchema.options)
      expect(held(caller(), [role])).toEqual(capabilities.filter((each) => each === "self" || capabilityTable[each].roles.includes(role)));
  });

  it("is cut by the scopes of its token, and what only a session has is in no token", () => {
    expect(held(caller({}, token()))).toEqual(capabilities.filter((each) => each !== "account.own" && each !== "operator"));
    expect(held(caller({}, token({ scopes: ["runs"] })))).toEqual(["run.start", "run.control", "self"]);
  });

  it("H:S6 is, for an agent with a person's token, nothing that only people do", () => {
    const mayDo = held(caller({ actor: agent, onBehalfOf: "usr_1" }, token()));
    for (const peoples of ["run.answer", "merge.approve", "notification.act", "checks.write", "preset.write", "secret.write"] as const)
      expect(mayDo).not.toContain(peoples);
    expect(mayDo).toContain("run.start");
    expect(held(caller({ actor: agent }))).toEqual([]);
  });

  it("is, for a machine with a service token, at most what a developer may, and the audit", () => {
    const mayDo = held(caller({ actor: { type: "system", id: "mr_1" } }, token({ kind: "service" })), ["developer"]);
    expect(mayDo.filter((each) => !capabilityTable[each].roles.includes("developer"))).toEqual(["audit.read"]);
    expect(mayDo).not.toContain("run.answer");
    expect(mayDo).not.toContain("self");
  });
});

describe("the roles in a workspace", () => {
  it("are those of its account, unless the token is for other workspaces", () => {
    const ours = { id: "ws_1", accountId: "acc_1" };
    expect(rolesInWorkspace(caller(), ours)).toEqual(["owner"]);
    expect(rolesInWorkspace(caller(), { ...ours, accountId: "acc_2" })).toEqual([]);
    expect(rolesInWorkspace(caller({}, token({ workspaces: ["ws_2"] })), ours)).toEqual([]);
    expect(rolesInWorkspace(caller({}, token({ workspaces: ["ws_1"] })), ours)).toEqual(["owner"]);
  });

  it("are an owner's for the one person of a host without accounts, and none for a person of an account", () => {
    const local = { id: "ws_1", accountId: null };
    expect(rolesInWorkspace(localOwner(person), local)).toEqual(["owner"]);
    expect(rolesInWorkspace(caller(), local)).toEqual([]);
    expect(rolesInWorkspace(localOwner(person), { id: "ws_1", accountId: "acc_1" })).toEqual([]);
  });
});

it("an agent only reads what is a person's own, and is told so", () => {
  expect(() => requireThePersonItself(caller())).not.toThrow();
  const refused = (): void => requireThePersonItself(caller({ actor: agent }, token()));
  expect(refused).toThrow(expect.objectContaining({ code: "forbidden", details: { capability: "self" } }));
});

it("a proof of who the caller is ends", () => {
  const confirmed = { ...caller(), grants: { accounts: {}, confirmedUntil: 100 } };
  expect(() => requireConfirmed(confirmed, 99)).not.toThrow();
  for (const now of [100, 101])
    expect(() => requireConfirmed(confirmed, now)).toThrow(expect.objectContaining({ code: "unauthenticated" }));
  expect(() => requireConfirmed(caller(), 0)).toThrow(expect.objectContaining({ details: { confirm: true } }));
});
