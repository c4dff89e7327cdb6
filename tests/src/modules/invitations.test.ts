import type { Role, SentInvitation } from "@millrace/contracts";
import { LOG_START, MillraceError } from "@millrace/kernel";
import { ANONYMOUS, personalAccountId } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { createMembers, type Members } from "./members.fixture.js";

const ANY = { ifMatch: "*" } as const;
const DAY = 24 * 60 * 60 * 1000;
const refused = (code: string, details = {}) => expect.objectContaining({ code, details: expect.objectContaining(details) });

interface Acme extends Members {
  readonly ann: string;
  readonly bob: string;
  readonly accountId: string;
  /** An invitation by somebody, under a key of its own. */
  readonly invite: (by: string, email: string, ...roles: Role[]) => Promise<SentInvitation>;
}

let keys = 0;
const inviteBy = async ({ host, as }: Members, accountId: string, by: string, email: string, roles: Role[]) =>
  host.call(
    "invitations.create",
    await as(by),
    { accountId, email, ...(roles.length === 0 ? {} : { roles }) },
    { key: `invitation ${(keys += 1)}` },
  );

/** An organisation of Ann's with Bob as an admin. */
async function acme(options: Parameters<typeof createMembers>[0] = {}): Promise<Acme> {
  const members = await createMembers(options);
  const [ann, bob] = [await members.user("ann"), await members.user("bob")];
  const accountId = await members.found(ann);
  await members.join(accountId, bob, "admin");
  return { ...members, ann, bob, accountId, invite: (by, email, ...roles) => inviteBy(members, accountId, by, email, roles) };
}

const accept = async ({ host, as }: Members, userId: string, token: string | null) =>
  host.call("invitations.accept", await as(userId), { token: token ?? "" });

describe("INV-01 an invitation", () => {
  it("INV-01 reaches its address by mail, with a link whose secret is stored nowhere else, and in the mail until it was sent", async () => {
    const { host, mailer, sweep, bob, invite, accountId } = await acme();
    const sent = await invite(bob, " New@Example.com ");
    expect(sent).toMatchObject({
      invitation: { email: "new@example.com", roles: ["developer"], status: "pending", invitedBy: bob, revision: 1 },
      link: `https://mill.example/invite?token=${sent.token}`,
      delivery: "queued",
    });
    expect(sent.token).toMatch(/^[0-9a-f]{64}$/);
    expect(sent.invitation.expiresAt - sent.invitation.createdAt).toBe(7 * DAY);
    const stored = async () =>
      JSON.stringify([
        await host.store.invitations.list(accountId, { now: 0 }, { limit: 9 }),
        await host.store.platformEvents.ofAccount(accountId, LOG_START, 1000),
        await host.store.platformEvents.ofHost(LOG_START, 1000),
        await host.store.mails.due(Number.MAX_SAFE_INTEGER, 9),
      ]);
    expect(await stored()).toContain(sent.token ?? "");
    expect(await sweep("mails.deliver")).toBe(1);
    expect(mailer.sent.map(({ template, to, values }) => [template, to, values["accountName"], values["link"]])).toEqual([
      ["invitation", "new@example.com", "Acme", sent.link],
    ]);
    expect(await stored()).not.toContain(sent.token ?? "");
  });

  it("INV-01 is answered once with its link: sent again with the key, it comes without", async () => {
    const { host, as, ann, accountId } = await acme();
    const send = async () => host.call("invitations.create", await as(ann), { accountId, email: "new@example.com" }, { key: "k" });
    const first = await send();
    expect(await send()).toEqual({ ...first, token: null, link: null });
    expect(await host.store.invitations.list(accountId, { now: 0 }, { limit: 9 })).toHaveLength(1);
  });

  it("INV-01 is not lost where the mailer fails, or where there is none", async () => {
    let fails = true;
    const { host, ann, invite, sweep, mailer, accountId } = await acme({
      sends() {
        if (!fails) return;
        fails = false;
        throw new Error("the mail service is away");
      },
    });
    const sent = await invite(ann, "new@example.com");
    await sweep("mails.deliver");
    expect(mailer.attempts).toHaveLength(1);
    expect(mailer.sent).toEqual([]);
    expect(await host.store.invitations.pendingOf(accountId, "new@example.com")).toEqual(sent.invitation);
    host.clock.advance(60_000);
    await sweep("mails.deliver");
    expect(mailer.sent.map(({ values }) => values["link"])).toEqual([sent.link]);
    const { invite: inviteByHand, ann: owner, host: silent } = await acme({ withoutMail: true });
    const byHand = await inviteByHand(owner, "new@example.com");
    expect(byHand).toMatchObject({ delivery: "off", link: null });
    expect(byHand.token).not.toBeNull();
    expect(await silent.store.mails.due(Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
  });

  it("INV-01 ends an older one of the address: its link and its mail", async () => {
    const members = await acme();
    const { host, mailer, sweep, ann, invite, events, user, accountId } = members;
    const older = await invite(ann, "new@example.com", "admin");
    const newer = await invite(ann, "NEW@example.com");
    await sweep("mails.deliver");
    expect(mailer.sent.map(({ values }) => values["link"])).toEqual([newer.link]);
    const { items } = await host.call("invitations.list", await members.as(ann), { accountId });
    expect(items.map(({ id, status }) => [id, status])).toEqual([
      [newer.invitation.id, "pending"],
      [older.invitation.id, "replaced"],
    ]);
    await expect(accept(members, await user("new"), older.token)).rejects.toThrow(refused("invitation_closed", { status: "replaced" }));
    expect((await events(accountId)).filter((type) => type === "invitation-created")).toHaveLength(2);
  });

  it("INV-01 is for organisations, by admins; into the owner role by owners; 200 are pending at most", async () => {
    const members = await acme();
    const { host, as, user, ann, bob, accountId, invite } = members;
    await expect(inviteBy(members, personalAccountId(ann), ann, "new@example.com", [])).rejects.toThrow(refused("validation"));
    await expect(invite(bob, "new@example.com", "owner")).rejects.toThrow(refused("forbidden", { capability: "account.own" }));
    await expect(invite(bob, "new@example.com", "developer", "developer")).rejects.toThrow(refused("validation"));
    await expect(invite(bob, "no address")).rejects.toThrow(refused("invalid_request"));
    const cat = await user("cat");
    await members.join(accountId, cat, "developer");
    await expect(invite(cat, "new@example.com")).rejects.toThrow(refused("forbidden", { capability: "member.manage" }));
    const stranger = await user("dan");
    for (const email of ["new@example.com", "x"])
      await expect(invite(stranger, email)).rejects.toThrow(refused(email === "x" ? "invalid_request" : "not_found"));
    await invite(ann, "owner@example.com", "owner");
    for (let count = 1; count < 200; count += 1) await invite(ann, `new${count}@example.com`);
    await expect(invite(ann, "one-more@example.com")).rejects.toThrow(refused("limit_reached", { limit: "invitations", max: 200 }));
    const { items, nextAfter } = await host.call("invitations.list", await as(cat), { accountId, limit: 150 });
    const rest = await host.call("invitations.list", await as(cat), { accountId, limit: 150, after: nextAfter ?? "" });
    expect([items.length, rest.items.length, rest.nextAfter]).toEqual([150, 50, null]);
  });
});

it("INV-02 invitations are listed by what became of them; expired is computed", async () => {
  const members = await acme();
  const { host, as, ann, invite, accountId } = members;
  const { invitation } = await invite(ann, "new@example.com");
  const listed = async (status?: "pending" | "expired") =>
    (await host.call("invitations.list", await as(ann), { accountId, status })).items.map((each) => [each.id, each.status]);
  expect(await listed("pending")).toEqual([[invitation.id, "pending"]]);
  host.clock.advance(7 * DAY);
  expect(await listed("pending")).toEqual([]);
  expect(await listed("expired")).toEqual([[invitation.id, "expired"]]);
  expect(await listed()).toEqual([[invitation.id, "expired"]]);
  host.clock.advance(30 * DAY + 1);
  await members.sweep("invitations.purge");
  expect(await listed()).toEqual([]);
  expect(await members.sweep("invitations.purge")).toBe(0);
});

it("INV-03 an invitation that is sent again has a new link for 7 days, and the old one is worth nothing", async () => {
  const members = await acme();
  const { host, as, mailer, sweep, user, ann, bob, invite, accountId, events } = members;
  const first = await invite(ann, "new@example.com");
  const invitationId = first.invitation.id;
  host.clock.advance(8 * DAY);
  const again = await host.call("invitations.resend", await as(bob), { accountId, invitationId });
  expect(again.invitation).toMatchObject({ id: invitationId, status: "pending", invitedBy: bob, revision: 2 });
  expect(again.invitation.expiresAt).toBe(host.clock.now() + 7 * DAY);
  await sweep("mails.deliver");
  expect(mailer.sent.map(({ values }) => values["link"])).toEqual([again.link]);
  const person = await user("new");
  await expect(accept(members, person, first.token)).rejects.toThrow(refused("not_found"));
  expect(await accept(members, person, again.token)).toEqual({ accountId, roles: ["developer"] });
  await expect(host.call("invitations.resend", await as(bob), { accountId, invitationId })).rejects.toThrow(
    refused("invitation_closed", { status: "accepted" }),
  );
  const owners = await invite(ann, "owner@example.com", "owner");
  const theirs = { accountId, invitationId: owners.invitation.id };
  await expect(host.call("invitations.resend", await as(bob), theirs)).rejects.toThrow(refused("forbidden"));
  expect((await events(accountId)).filter((type) => type === "invitation-resent")).toHaveLength(1);
});

it("INV-04 a pending invitation is revoked with its mail; a closed one keeps its history", async () => {
  const members = await acme();
  const { host, as, user, ann, invite, accountId, mailer, sweep, events } = members;
  const sent = await invite(ann, "new@example.com");
  const invitationId = sent.invitation.id;
  const revoke = async (by: string, id: string, ifMatch: number | "*" = "*") =>
    host.call("invitations.revoke", await as(by), { accountId, invitationId: id }, { ifMatch });
  await expect(revoke(await user("dan"), invitationId)).rejects.toThrow(refused("not_found"));
  await expect(revoke(ann, invitationId, 2)).rejects.toThrow(refused("stale_revision", { revision: 1 }));
  await revoke(ann, invitationId, 1);
  await revoke(ann, invitationId);
  await revoke(ann, "inv_none");
  await sweep("mails.deliver");
  expect(mailer.sent).toEqual([]);
  await expect(accept(members, await user("new"), sent.token)).rejects.toThrow(refused("invitation_closed", { status: "revoked" }));
  const accepted = await invite(ann, "eve@example.com");
  await accept(members, await user("eve"), accepted.token);
  await revoke(ann, accepted.invitation.id);
  expect(await host.store.invitations.get(accountId, accepted.invitation.id)).toMatchObject({ status: "accepted" });
  expect((await events(accountId)).filter((type) => type === "invitation-revoked")).toHaveLength(1);
});

it("INV-05 a link says which account it is for, and whose address as a hint; unknown, closed and expired links read the same", async () => {
  const members = await acme();
  const { host, as, ann, invite, accountId } = members;
  const peek = (token: string | null) => host.call("invitations.peek", ANONYMOUS, { token: token ?? "" });
  const nothing = { valid: false, accountName: null, emailHint: null };
  const [open, revoked, expired] = [
    await invite(ann, "new@example.com"),
    await invite(ann, "b@example.com"),
    await invite(ann, "c@example.com"),
  ];
  await host.call("invitations.revoke", await as(ann), { accountId, invitationId: revoked.invitation.id }, ANY);
  expect(await peek(open.token)).toEqual({ valid: true, accountName: "Acme", emailHint: "n…@e…" });
  host.clock.advance(7 * DAY);
  for (const token of [revoked.token, expired.token, "unknown"]) expect(await peek(token)).toEqual(nothing);
});

describe("INV-06 an acceptance", () => {
  it("INV-06 makes the person with that address a member, once", async () => {
    const members = await acme();
    const { host, as, user, ann, invite, events, accountId } = members;
    const { token } = await invite(ann, "new@example.com", "admin");
    const person = await user("new");
    expect(await accept(members, person, token)).toEqual({ accountId, roles: ["admin"] });
    expect((await as(person)).grants.accounts[accountId]).toEqual(["admin"]);
    await expect(accept(members, person, token)).rejects.toThrow(refused("invitation_closed", { status: "accepted" }));
    expect((await events(accountId)).slice(-2)).toEqual(["member-added", "invitation-accepted"]);
    expect(await host.store.invitations.pendingOf(accountId, "new@example.com")).toBeNull();
  });

  it("INV-06 is refused to whoever holds the link without the address, proven as it is now", async () => {
    const members = await acme();
    const { host, user, ann, invite, accountId } = members;
    const { token } = await invite(ann, "new@example.com");
    await expect(accept(members, await user("eve"), token)).rejects.toThrow(refused("email_mismatch"));
    const squatter = await user("new", { isEmailVerified: false });
    await expect(accept(members, squatter, token)).rejects.toThrow(refused("email_unverified"));
    await expect(accept(members, "usr_unknown", token)).rejects.toThrow(refused("email_unverified"));
    await expect(host.call("invitations.accept", ANONYMOUS, { token: token ?? "" })).rejects.toThrow(refused("unauthenticated"));
    await expect(accept(members, squatter, "unknown")).rejects.toThrow(refused("not_found"));
    const stored = await host.store.users.get(squatter);
    if (stored === null) throw new MillraceError("not_found", "no user");
    await host.store.commit([{ change: "update-user", user: { ...stored, isEmailVerified: true, revision: 2 } }]);
    expect(await accept(members, squatter, token)).toEqual({ accountId, roles: ["developer"] });
  });

  it("INV-06 unites roles, and lowers none: an admin that accepts a developer's stays an admin", async () => {
    const members = await acme();
    const { as, bob, ann, invite, events, accountId } = members;
    const { token } = await invite(ann, "bob@example.com", "developer");
    await accept(members, bob, token);
    expect((await as(bob)).grants.accounts[accountId]).toEqual(["admin", "developer"]);
    expect((await events(accountId)).slice(-2)).toEqual(["member-roles-changed", "invitation-accepted"]);
  });

  it("INV-06 of two at the same time one lands, and beside a revocation either does", async () => {
    const members = await acme();
    const { host, as, user, ann, invite, accountId } = members;
    const person = await user("new");
    const twice = await invite(ann, "new@example.com");
    const both = await Promise.allSettled([accept(members, person, twice.token), accept(members, person, twice.token)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const eve = await user("eve");
    const raced = await invite(ann, "eve@example.com");
    const target = { accountId, invitationId: raced.invitation.id };
    await Promise.allSettled([accept(members, eve, raced.token), host.call("invitations.revoke", await as(ann), target, ANY)]);
    const { status } = (await host.store.invitations.get(accountId, raced.invitation.id)) ?? {};
    expect((await as(eve)).grants.accounts[accountId]).toEqual(status === "accepted" ? ["developer"] : undefined);
  });

  it("INV-06 comes too late for an invitation that expired, and for an account that is being deleted", async () => {
    const members = await acme();
    const { host, user, ann, invite, accountId } = members;
    const { token } = await invite(ann, "new@example.com");
    const person = await user("new");
    host.clock.advance(7 * DAY);
    await expect(accept(members, person, token)).rejects.toThrow(refused("invitation_closed", { status: "expired" }));
    const fresh = await invite(ann, "new@example.com");
    const account = await host.store.accounts.get(accountId);
    if (account === null) throw new MillraceError("not_found", "no account");
    await host.store.commit([{ change: "update-account", account: { ...account, deletingAt: host.clock.now(), revision: 2 } }]);
    await expect(accept(members, person, fresh.token)).rejects.toThrow(refused("invitation_closed"));
  });
});
