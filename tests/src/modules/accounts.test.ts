import { MillraceError } from "@millrace/kernel";
import { localOwner, personalAccountId } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { describe, expect, it } from "vitest";
import { createMembers, operator, type Members } from "./members.fixture.js";

const ANY = { ifMatch: "*" } as const;
const refused = (code: string, details = {}) => expect.objectContaining({ code, details: expect.objectContaining(details) });

/** An organisation of Ann's with Bob as an admin and Cat as a developer. */
async function acme(): Promise<Members & { readonly ann: string; readonly bob: string; readonly cat: string; readonly accountId: string }> {
  const members = await createMembers();
  const [ann, bob, cat] = [await members.user("ann"), await members.user("bob"), await members.user("cat")];
  const accountId = await members.found(ann);
  await members.join(accountId, bob, "admin");
  await members.join(accountId, cat, "developer");
  return { ...members, ann, bob, cat, accountId };
}

describe("ACC-01 my accounts", () => {
  it("ACC-01 are the personal one, then the others by name, with my roles, and reading them makes none", async () => {
    const { host, as, user, found } = await createMembers();
    const ann = await user("ann");
    for (const name of ["beta", "Alpha"]) await found(ann, name);
    const first = await host.call("accounts.list", await as(ann), { limit: 2 });
    const second = await host.call("accounts.list", await as(ann), { limit: 2, after: first.nextAfter ?? "" });
    expect([...first.items, ...second.items].map(({ name, kind, roles }) => [name, kind, ...roles])).toEqual([
      ["ann", "personal", "owner"],
      ["Alpha", "organization", "owner"],
      ["beta", "organization", "owner"],
    ]);
    expect(second.nextAfter).toBeNull();
    expect((await host.call("accounts.list", await as("usr_nobody"), {})).items).toEqual([]);
    expect(await host.store.accounts.get(personalAccountId("usr_nobody"))).toBeNull();
  });

  it("ACC-01 are none on a host without accounts", async () => {
    const { host } = await createMembers();
    expect(await host.call("accounts.list", localOwner(testUser), {})).toEqual({ items: [], nextAfter: null });
  });
});

it("ACC-02 an account is read with its members and workspaces counted", async () => {
  const { host, as, cat, accountId } = await acme();
  await host.workspaces.create({ name: "board", accountId, actor: testUser });
  expect(await host.call("accounts.get", await as(cat), { accountId })).toMatchObject({
    id: accountId,
    name: "Acme",
    roles: ["developer"],
    members: 3,
    workspaces: 1,
  });
});

describe("ACC-03 an organisation", () => {
  it("ACC-03 is founded with its owner, once for a key", async () => {
    const { host, as, user, events } = await createMembers();
    const ann = await user("ann");
    const founded = await host.call("accounts.create", await as(ann), { name: " Acme ", githubLogin: "acme" }, { key: "k" });
    expect(founded).toMatchObject({
      kind: "organization",
      name: "Acme",
      githubLogin: "acme",
      timeZone: "UTC",
      roles: ["owner"],
      revision: 1,
    });
    expect(await host.call("accounts.create", await as(ann), { name: " Acme ", githubLogin: "acme" }, { key: "k" })).toEqual(founded);
    expect(await events(founded.id)).toEqual(["account-created", "member-added"]);
    expect(await host.accounts.listOwned(ann)).toHaveLength(1);
    await expect(host.call("accounts.create", await as(ann), { name: "Acme" })).rejects.toThrow(refused("invalid_request"));
  });

  it("ACC-03 needs a founder with a proven address, and a person owns 20", async () => {
    const { host, as, user, found } = await createMembers();
    const eve = await user("eve", { isEmailVerified: false });
    await expect(found(eve)).rejects.toThrow(refused("email_unverified"));
    const ann = await user("ann");
    for (let count = 0; count < 20; count += 1) await found(ann);
    await expect(found(ann)).rejects.toThrow(refused("limit_reached", { limit: "organizations", max: 20 }));
    expect(await host.accounts.listOwned(ann)).toHaveLength(20);
    expect(Object.keys((await as(ann)).grants.accounts)).toHaveLength(21);
  });
});

describe("ACC-04 a change of an account", () => {
  it("ACC-04 keeps what it leaves out, clears with null, and is refused on an old revision", async () => {
    const { host, as, bob, accountId, events } = await acme();
    const update = async (change: object, ifMatch: number | "*") =>
      host.call("accounts.update", await as(bob), { accountId, ...change }, { ifMatch });
    expect(await update({ defaultCloudProvider: "a-cloud", timeZone: "Europe/Berlin" }, 1)).toMatchObject({
      name: "Acme",
      defaultCloudProvider: "a-cloud",
      revision: 2,
    });
    await expect(update({ name: "Late" }, 1)).rejects.toThrow(refused("stale_revision", { revision: 2 }));
    await expect(update({ timeZone: "Middle/Earth" }, "*")).rejects.toThrow(refused("validation"));
    expect(await update({ defaultCloudProvider: null }, 2)).toMatchObject({
      defaultCloudProvider: null,
      timeZone: "Europe/Berlin",
      revision: 3,
    });
    expect(await update({ name: "Acme" }, 3)).toMatchObject({ revision: 3 });
    expect((await events(accountId)).filter((type) => type === "account-changed")).toHaveLength(2);
  });
});

describe("members", () => {
  it("ACC-05 are listed with name, address and picture, longest there first", async () => {
    const { host, as, cat, accountId } = await acme();
    const { items } = await host.call("accounts.listMembers", await as(cat), { accountId });
    expect(items.map(({ name, email, roles, revision }) => [name, email, ...roles, revision])).toEqual([
      ["ann", "ann@example.com", "owner", 1],
      ["bob", "bob@example.com", "admin", 1],
      ["cat", "cat@example.com", "developer", 1],
    ]);
  });

  it("ACC-06 are provisioned by operators: users that exist, into organisations, never over one that is there", async () => {
    const { host, join, as, ann, bob, accountId } = await acme();
    await expect(join(accountId, bob, "viewer")).rejects.toThrow(refused("already_exists"));
    await expect(join(accountId, "usr_nobody", "viewer")).rejects.toThrow(refused("not_found"));
    await expect(join("acc_none", bob, "viewer")).rejects.toThrow(refused("not_found"));
    await expect(join(personalAccountId(ann), bob, "viewer")).rejects.toThrow(refused("validation"));
    await expect(join(accountId, bob, "viewer", "viewer")).rejects.toThrow(refused("validation"));
    const input = { accountId, userId: bob, roles: ["viewer"] satisfies ["viewer"] };
    await expect(host.call("accounts.provisionMember", await as(ann), input)).rejects.toThrow(refused("forbidden"));
    expect((await as(bob)).grants.accounts[accountId]).toEqual(["admin"]);
  });

  it("ACC-07 get roles from admins; the owner's is given and taken by owners, and one remains", async () => {
    const { host, as, ann, bob, cat, accountId, events } = await acme();
    const set = async (by: string, userId: string, ...roles: ("owner" | "admin" | "developer" | "viewer")[]) =>
      host.call("accounts.setRoles", await as(by), { accountId, userId, roles }, ANY);
    expect(await set(bob, cat, "viewer", "admin")).toMatchObject({ roles: ["admin", "viewer"], revision: 2 });
    await expect(set(bob, cat, "owner")).rejects.toThrow(refused("forbidden", { capability: "account.own" }));
    await expect(set(bob, ann, "admin")).rejects.toThrow(refused("forbidden", { capability: "account.own" }));
    await expect(set(bob, bob, "developer")).rejects.toThrow(refused("validation"));
    await expect(set(ann, ann, "admin")).rejects.toThrow(refused("validation"));
    await expect(set(ann, "usr_nobody", "admin")).rejects.toThrow(refused("not_found"));
    await expect(set(ann, personalAccountId(ann), "admin")).rejects.toThrow(refused("not_found"));
    await set(ann, cat, "owner");
    await set(cat, ann, "admin");
    await expect(set(cat, cat, "owner", "admin")).resolves.toMatchObject({ roles: ["owner", "admin"] });
    const stale = { accountId, userId: ann, roles: ["viewer"] satisfies ["viewer"] };
    await expect(host.call("accounts.setRoles", await as(cat), stale, { ifMatch: 1 })).rejects.toThrow(
      refused("stale_revision", { revision: 2 }),
    );
    expect((await events(accountId)).filter((type) => type === "member-roles-changed")).toHaveLength(4);
  });

  it("ACC-07 that are owners of the account take the role from each other at the same time, and one stays an owner", async () => {
    const { host, as, ann, cat, accountId } = await acme();
    await host.call("accounts.setRoles", await as(ann), { accountId, userId: cat, roles: ["owner"] }, ANY);
    const [one, other] = [await as(ann), await as(cat)];
    const both = await Promise.allSettled([
      host.call("accounts.setRoles", one, { accountId, userId: cat, roles: ["viewer"] }, ANY),
      host.call("accounts.setRoles", other, { accountId, userId: ann, roles: ["viewer"] }, ANY),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((each) => each.status === "rejected")?.reason).toMatchObject({ code: "last_owner" });
  });

  it("ACC-08 leave, or are removed by admins: what they were let into is closed at once", async () => {
    const { host, as, ann, bob, cat, accountId, events } = await acme();
    const remove = async (by: string, userId: string) => host.call("accounts.removeMember", await as(by), { accountId, userId }, ANY);
    await expect(remove(cat, bob)).rejects.toThrow(refused("forbidden", { capability: "member.manage" }));
    await expect(remove(bob, ann)).rejects.toThrow(refused("forbidden", { capability: "account.own" }));
    await expect(remove(ann, ann)).rejects.toThrow(refused("last_owner"));
    await remove(cat, cat);
    expect((await as(cat)).grants.accounts[accountId]).toBeUndefined();
    await expect(host.call("accounts.get", await as(cat), { accountId })).rejects.toThrow(refused("not_found"));
    await remove(bob, cat);
    const agent = { ...(await as(ann)), actor: { type: "agent", id: "claude" } as const, onBehalfOf: bob };
    const token = { id: "mr_1", kind: "personal", scopes: ["read", "members"], workspaces: null } as const;
    const asAgent = { ...agent, grants: { ...agent.grants, token } };
    await expect(host.call("accounts.removeMember", asAgent, { accountId, userId: bob }, ANY)).rejects.toThrow(refused("forbidden"));
    await remove(ann, bob);
    expect((await events(accountId)).filter((type) => type === "member-removed")).toHaveLength(2);
    expect(await host.store.memberships.departures(9)).toEqual([]);
  });

  it("ACC-08 that a crash left on the boards of the account are cleared by the sweep", async () => {
    const { host, sweep, accountId, cat } = await acme();
    await host.store.commit([{ change: "remove-membership", accountId, userId: cat, expected: 1 }]);
    expect(await host.store.memberships.departures(9)).toHaveLength(1);
    expect(await sweep("accounts.depart")).toBe(1);
    expect(await host.store.memberships.departures(9)).toEqual([]);
    expect(await sweep("accounts.depart")).toBe(0);
  });

  it("ACC-11 have their roles in all accounts by one read", async () => {
    const { host, found, join, ann, bob, accountId } = await acme();
    const other = await found(ann, "Other");
    await join(other, bob, "viewer", "product");
    expect(await host.accounts.grantsOf(bob)).toEqual({
      [personalAccountId(bob)]: ["owner"],
      [accountId]: ["admin"],
      [other]: ["product", "viewer"],
    });
  });
});

describe("ACC-09 a transfer", () => {
  it("ACC-09 makes an admin the owner, and leaves the old one as an admin", async () => {
    const { host, as, ann, bob, cat, accountId } = await acme();
    const transfer = async (by: string, toUserId: string) => host.call("accounts.transfer", await as(by), { accountId, toUserId });
    await expect(transfer(ann, cat)).rejects.toThrow(refused("validation"));
    await expect(transfer(ann, ann)).rejects.toThrow(refused("validation"));
    await expect(transfer(bob, bob)).rejects.toThrow(refused("forbidden"));
    const { confirmedUntil: _, ...grants } = (await as(ann)).grants;
    const unproven = { ...(await as(ann)), grants };
    await expect(host.call("accounts.transfer", unproven, { accountId, toUserId: bob })).rejects.toThrow(refused("unauthenticated"));
    expect(await transfer(ann, bob)).toMatchObject({ userId: bob, roles: ["owner", "admin"], revision: 2 });
    expect((await as(ann)).grants.accounts[accountId]).toEqual(["admin"]);
    const stored = await host.store.memberships.get(accountId, bob);
    expect(stored).toMatchObject({ roles: ["owner", "admin"], revision: 2 });
  });
});

describe("ACC-10 the deletion of an account", () => {
  const remove = async ({ host, as }: Members, by: string, accountId: string, confirm: string) =>
    host.call("accounts.delete", await as(by), { accountId, confirm }, ANY);

  it("ACC-10 leaves no row of it, but its log", async () => {
    const members = await acme();
    const { host, as, ann, bob, accountId, events } = members;
    await host.call("invitations.create", await as(ann), { accountId, email: "new@example.com" }, { key: "k" });
    await expect(remove(members, bob, accountId, "Acme")).rejects.toThrow(refused("forbidden"));
    await expect(remove(members, ann, accountId, "acme")).rejects.toThrow(refused("validation"));
    await expect(remove(members, ann, personalAccountId(ann), "ann")).rejects.toThrow(refused("validation"));
    await remove(members, ann, accountId, "Acme");
    expect(await host.store.accounts.get(accountId)).toBeNull();
    expect(await host.store.memberships.count(accountId)).toBe(0);
    expect(await host.store.invitations.list(accountId, { now: 0 }, { limit: 9 })).toEqual([]);
    expect((await as(ann)).grants.accounts[accountId]).toBeUndefined();
    expect((await events(accountId)).at(-1)).toBe("account-deleted");
  });

  it("ACC-10 is refused while it has a workspace, and then nothing has changed", async () => {
    const members = await acme();
    const { host, as, ann, accountId } = members;
    await host.workspaces.create({ name: "board", accountId, actor: testUser });
    await expect(remove(members, ann, accountId, "Acme")).rejects.toThrow(refused("in_use", { workspaces: 1 }));
    expect(await host.store.accounts.get(accountId)).toMatchObject({ deletingAt: null });
    await expect(host.call("accounts.update", await as(ann), { accountId, name: "Still" }, ANY)).resolves.toMatchObject({ name: "Still" });
  });

  it("ACC-10 that a crash left is finished by the sweep, and until then nothing is made in it", async () => {
    const { host, as, ann, sweep, accountId } = await acme();
    const account = await host.store.accounts.get(accountId);
    if (account === null) throw new MillraceError("not_found", "no account");
    const deleting = { ...account, deletingAt: host.clock.now(), revision: 2 };
    await host.store.commit([{ change: "update-account", account: deleting }]);
    const owner = await as(ann);
    await expect(host.call("accounts.update", owner, { accountId, name: "No" }, ANY)).rejects.toThrow(refused("conflict"));
    await expect(host.call("workspaces.create", owner, { accountId }, { key: "k" })).rejects.toThrow(refused("conflict"));
    expect(await host.call("accounts.get", owner, { accountId })).toMatchObject({ deletingAt: deleting.deletingAt });
    expect(await sweep("accounts.delete")).toBe(0);
    host.clock.advance(60_001);
    expect(await sweep("accounts.delete")).toBe(1);
    expect(await host.store.accounts.get(accountId)).toBeNull();
  });

  it("ACC-10 that the sweep finds in use is called off", async () => {
    const { host, sweep, accountId } = await acme();
    const account = await host.store.accounts.get(accountId);
    if (account === null) throw new MillraceError("not_found", "no account");
    await host.workspaces.create({ name: "board", accountId, actor: testUser });
    await host.store.commit([{ change: "update-account", account: { ...account, deletingAt: host.clock.now(), revision: 2 } }]);
    host.clock.advance(60_001);
    await sweep("accounts.delete");
    expect(await host.store.accounts.get(accountId)).toMatchObject({ deletingAt: null, revision: 3 });
  });

  it("ACC-10 comes with its user for a personal one, who leaves the others, unless one would have no owner", async () => {
    const { host, as, ann, cat, accountId } = await acme();
    const deleteMe = async (userId: string, confirm: string) => host.call("users.deleteMe", await as(userId), { confirm }, ANY);
    await expect(deleteMe(ann, "ann")).rejects.toThrow(refused("last_owner", { accountId }));
    await host.workspaces.create({ name: "mine", accountId: personalAccountId(cat), actor: testUser });
    await expect(deleteMe(cat, "cat")).rejects.toThrow(refused("in_use"));
    expect(await host.accounts.grantsOf(cat)).toMatchObject({ [accountId]: ["developer"] });
    const bob = "usr_bob";
    await deleteMe(bob, "bob");
    expect(await host.accounts.grantsOf(bob)).toEqual({});
    expect(await host.store.accounts.get(personalAccountId(bob))).toBeNull();
    expect(await host.store.users.get(bob)).toBeNull();
  });
});

it("ACC-06 an operator provisions, and reads nothing of the account", async () => {
  const { host, accountId } = await acme();
  await expect(host.call("accounts.get", operator, { accountId })).rejects.toThrow(refused("not_found"));
});
