import { accountSchema, type Membership, type Role } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { readRoles } from "../../platform/roles.logic.js";
import {
  changeRoles,
  createPersonalAccount,
  grantRoles,
  newAccount,
  patched,
  personalAccountId,
  requireKeepsOwn,
  requireTimeZone,
  requireUnused,
  touchesOwner,
  transferChanges,
} from "./accounts.logic.js";

const by = { at: 7, actor: { type: "human", id: "usr_1" } } as const;
const member = (roles: Role[], userId = "usr_2"): Membership => ({ accountId: "acc_1", userId, roles, since: 1, revision: 4 });
const account = newAccount({ id: "acc_1", kind: "organization", name: "Acme", createdAt: 1 });

describe("a personal account", () => {
  it("ACC-01 is made with its user: the account, its owner and both events, under an id of its own", () => {
    const changes = createPersonalAccount({ id: "usr_k3v", name: "Ann" }, by);
    expect(changes.map(({ change }) => change)).toEqual([
      "insert-account",
      "append-account-event",
      "insert-membership",
      "append-account-event",
    ]);
    expect(changes[0]).toMatchObject({ account: { id: "acc_k3v", kind: "personal", name: "Ann", timeZone: "UTC", revision: 1 } });
    expect(changes[2]).toMatchObject({ membership: { accountId: "acc_k3v", userId: "usr_k3v", roles: ["owner"], since: 7 } });
    expect(createPersonalAccount({ id: "usr_k3v", name: "Ann" }, by)).toEqual(changes);
    for (const id of ["usr_k3v", "bob", "x".repeat(64)]) expect(accountSchema.shape.id.safeParse(personalAccountId(id)).success).toBe(true);
  });
});

describe("roles", () => {
  it("are stored once each, the strongest first", () => {
    expect(readRoles(["viewer", "owner"])).toEqual(["owner", "viewer"]);
    expect(() => readRoles(["viewer", "viewer"])).toThrow(expect.objectContaining({ code: "validation" }));
  });

  it("ACC-07 that change are told with what they were; those that do not change nothing", () => {
    expect(changeRoles(member(["developer"]), ["admin"], by)).toMatchObject([
      { change: "put-roles", accountId: "acc_1", userId: "usr_2", roles: ["admin"], expected: 4 },
      { event: { event: { type: "member-roles-changed", userId: "usr_2", before: ["developer"], after: ["admin"] } } },
    ]);
    expect(changeRoles(member(["admin", "product"]), ["admin", "product"], by)).toEqual([]);
  });

  it("ACC-07 of the owner are the owner's business, whether given or taken", () => {
    expect(touchesOwner(["admin"], ["owner"])).toBe(true);
    expect(touchesOwner(["owner", "admin"], ["admin"])).toBe(true);
    expect(touchesOwner(["owner", "admin"], ["owner"])).toBe(false);
    expect(touchesOwner(["developer"], ["admin"])).toBe(false);
  });

  it("ACC-07 by which one manages an account are not taken from oneself", () => {
    for (const [before, after] of [
      [["owner"], ["admin"]],
      [["admin"], ["developer"]],
      [["owner", "admin"], ["owner"]],
    ] as const)
      expect(() => requireKeepsOwn(before, after)).toThrow(expect.objectContaining({ code: "validation" }));
    expect(() => requireKeepsOwn(["admin", "product"], ["admin"])).not.toThrow();
  });

  it("INV-06 are united with what one has, never lowered", () => {
    const granted = { accountId: "acc_1", userId: "usr_2", roles: ["developer"] satisfies Role[] };
    expect(grantRoles(member(["admin"]), granted, by)[0]).toMatchObject({ change: "put-roles", roles: ["admin", "developer"] });
    expect(grantRoles(member(["admin", "developer"]), granted, by)).toEqual([]);
    expect(grantRoles(null, granted, by)[0]).toMatchObject({ change: "insert-membership", membership: { roles: ["developer"], since: 7 } });
  });

  it("ACC-09 of a new owner are given before the old one gives them up", () => {
    const changes = transferChanges(member(["owner", "product"], "usr_1"), member(["admin"]), by);
    expect(changes.filter(({ change }) => change === "put-roles")).toMatchObject([
      { userId: "usr_2", roles: ["owner", "admin"] },
      { userId: "usr_1", roles: ["admin", "product"] },
    ]);
  });
});

describe("an account", () => {
  it("ACC-04 keeps what a change leaves out, and null clears", () => {
    const stored = { ...account, githubLogin: "acme", defaultCloudProvider: "a-cloud" };
    expect(patched(stored, { defaultCloudProvider: null, name: "Acme", githubLogin: undefined })).toEqual({
      account: { ...stored, defaultCloudProvider: null, revision: 2 },
      fields: ["defaultCloudProvider"],
    });
  });

  it("ACC-04 has a time zone that clocks know", () => {
    for (const zone of ["UTC", "Europe/Berlin"]) expect(() => requireTimeZone(zone)).not.toThrow();
    expect(() => requireTimeZone("Middle/Earth")).toThrow(expect.objectContaining({ code: "validation" }));
  });

  it("ACC-10 that is in use says by what", () => {
    expect(() => requireUnused(account, { workspaces: 0, services: 0 })).not.toThrow();
    for (const remains of [
      { workspaces: 2, services: 0 },
      { workspaces: 0, services: 1 },
    ])
      expect(() => requireUnused(account, remains)).toThrow(expect.objectContaining({ code: "in_use", details: remains }));
  });
});
