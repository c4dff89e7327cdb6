import type { ProviderProfile } from "@millrace/kernel";
import { localOwner, type Caller } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { describe, expect, it } from "vitest";
import { anAda, anybody, cookie, createPeople, type People } from "./people.fixture.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PASSWORD = "correct horse";
const root = { ...anAda, subject: "1", email: "root@example.com", name: "Root" };
const eve = { ...anAda, subject: "9", email: "eve@example.com", name: "Eve" };

/** Somebody with a password, a proven address and a session. */
async function grace(people: People): Promise<Caller> {
  await people.host.call("sign-in.signUp", anybody, { email: "grace@example.com", password: PASSWORD, name: "Grace" });
  await people.host.call("users.confirmEmail", anybody, { proof: await people.lastSecret() });
  const { secret } = await people.host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
  return people.request(cookie(secret));
}

describe("USR-01 me", () => {
  it("USR-01 is the user with its ways to sign in", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    expect(await people.host.call("users.me", caller, {})).toMatchObject({
      user: { id: caller.actor.id, name: "Ada", email: "ada@example.com", isEmailVerified: true, revision: 1 },
      isLocal: false,
      identities: [{ provider: "github", label: "ada" }],
      accounts: [{ accountId: expect.stringMatching(/^acc_/), roles: ["owner"], capabilities: expect.arrayContaining(["account.own"]) }],
      isOperator: false,
      token: null,
      agent: null,
    });
  });

  it("USR-01 is the local person of a host without users, marked so", async () => {
    const { host } = await createPeople();
    expect(await host.call("users.me", localOwner(testUser), {})).toMatchObject({
      isLocal: true,
      user: { id: testUser.id },
      isOperator: true,
    });
  });
});

describe("USR-02 a profile", () => {
  it("USR-02 changes with the revision it was decided on", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    const update = (input: object, ifMatch: number | "*") => people.host.call("users.updateMe", caller, input, { ifMatch });
    const changed = await update({ name: " Countess ", timezone: "Europe/London", avatarUrl: "https://a.example/x.png" }, 1);
    expect(changed).toMatchObject({ name: "Countess", timezone: "Europe/London", revision: 2 });
    await expect(update({ name: "Ada" }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
    await expect(update({ timezone: "Mars/Olympus" }, 2)).rejects.toMatchObject({ code: "validation" });
    await expect(update({ avatarUrl: "http://a.example/x.png" }, 2)).rejects.toMatchObject({ code: "invalid_request" });
    await expect(people.host.call("users.updateMe", caller, { name: "Ada" })).rejects.toMatchObject({ code: "precondition_required" });
    expect(await update({ timezone: null, avatarUrl: null }, "*")).toMatchObject({ timezone: null, avatarUrl: null, revision: 3 });
    expect(await update({ name: "Countess" }, 3)).toMatchObject({ revision: 3 });
    expect((await people.events()).filter((type) => type === "user-changed")).toHaveLength(2);
    await expect(people.host.call("users.updateMe", localOwner(testUser), { name: "x" }, { ifMatch: "*" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("USR-03 an address", () => {
  it("USR-03 becomes the person's with the proof in the mail to it, once and within a day", async () => {
    const people = await createPeople();
    const { host, clock } = people;
    const caller = await people.person(anAda);
    await host.call("users.changeEmail", caller, { email: "Countess@Example.com" });
    const proof = await people.lastSecret();
    expect(people.mailer.sent.at(-1)).toMatchObject({ template: "address-proof", to: "countess@example.com" });
    expect((await host.call("users.me", caller, {})).user.email).toBe("ada@example.com");
    expect(await host.call("users.confirmEmail", anybody, { proof })).toMatchObject({ id: caller.actor.id, email: "countess@example.com" });
    await expect(host.call("users.confirmEmail", anybody, { proof })).rejects.toMatchObject({ code: "proof_invalid" });
    await host.call("users.changeEmail", caller, { email: "late@example.com" });
    const late = await people.lastSecret();
    clock.advance(24 * HOUR);
    for (const bad of [late, "unknown"])
      await expect(host.call("users.confirmEmail", anybody, { proof: bad })).rejects.toMatchObject({ code: "proof_invalid" });
    expect(await people.events()).toContain("user-email-changed");
  });

  it("USR-03 that another user has proven stays theirs", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    await people.host.call("users.changeEmail", caller, { email: eve.email });
    const proof = await people.lastSecret();
    await people.person(eve);
    await expect(people.host.call("users.confirmEmail", anybody, { proof })).rejects.toMatchObject({ code: "already_exists" });
    expect((await people.host.call("users.me", caller, {})).user.email).toBe(anAda.email);
  });

  it("USR-03 that changed makes a reset of before worth nothing", async () => {
    const people = await createPeople();
    const caller = await grace(people);
    await people.host.call("users.requestReset", anybody, { email: "grace@example.com" });
    const reset = await people.lastSecret();
    await people.host.call("users.changeEmail", caller, { email: "admiral@example.com" });
    await people.host.call("users.confirmEmail", anybody, { proof: await people.lastSecret() });
    await expect(people.host.call("users.resetPassword", anybody, { proof: reset, next: "another one" })).rejects.toMatchObject({
      code: "proof_invalid",
    });
  });

  it("USR-03 needs a host that sends mails", async () => {
    const people = await createPeople({ withoutMail: true });
    const caller = await people.person(anAda);
    const change = people.host.call("users.changeEmail", caller, { email: "new@example.com" });
    await expect(change).rejects.toMatchObject({ code: "not_configured" });
  });
});

describe("USR-04 ways to sign in", () => {
  it("USR-04 are linked through the provider's sign-in, and never taken from another user", async () => {
    const people = await createPeople();
    const { host, provider } = people;
    const caller = await grace(people);
    const link = async (profile: Partial<ProviderProfile> & Pick<ProviderProfile, "subject">) => {
      const { url, browser } = await host.call("sign-in.linkProvider", caller, { provider: "github" });
      return host.call("sign-in.finishProvider", { ...caller, browser }, { provider: "github", ...(await provider.signIn(url, profile)) });
    };
    expect(await link(anAda)).toMatchObject({ started: null });
    await link(anAda);
    expect((await people.signInAt(anAda)).userId).toBe(caller.actor.id);
    await people.person(eve);
    await expect(link({ ...anAda, subject: "9" })).rejects.toMatchObject({ code: "already_exists" });
    expect((await host.call("users.me", caller, {})).identities.map((each) => each.provider).toSorted()).toEqual(["github", "password"]);
    await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
  });

  it("USR-05 are unlinked but for the last, and again does nothing", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    await people.host.call("users.setPassword", caller, { next: PASSWORD });
    const { identities } = await people.host.call("users.me", caller, {});
    const [first, second] = identities;
    const unlink = (identityId: string) => people.host.call("users.unlinkIdentity", caller, { identityId });
    for (let count = 0; count < 2; count += 1) await unlink(first?.id ?? "");
    await expect(unlink(second?.id ?? "")).rejects.toMatchObject({ code: "in_use" });
    const stranger = await people.person(eve);
    await people.host.call("users.unlinkIdentity", stranger, { identityId: second?.id ?? "" });
    expect((await people.host.call("users.me", caller, {})).identities).toEqual([second]);
    expect((await people.events()).filter((type) => type === "identity-unlinked")).toHaveLength(1);
  });
});

describe("USR-06 a password", () => {
  it("USR-06 is set with the one before it, and ends every other session", async () => {
    const people = await createPeople();
    const { host } = people;
    const caller = await grace(people);
    const other = await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    const set = (input: { readonly current?: string; readonly next: string }) => host.call("users.setPassword", caller, input);
    for (const current of [undefined, "wrong one"])
      await expect(set({ ...(current === undefined ? {} : { current }), next: "battery staple" })).rejects.toMatchObject({
        code: "invalid_credentials",
      });
    await expect(set({ current: PASSWORD, next: "Grace@example.com" })).rejects.toMatchObject({ code: "validation" });
    await set({ current: PASSWORD, next: "battery staple" });
    expect((await people.request(cookie(other.secret))).session).toBeUndefined();
    expect((await host.call("sign-in.listSessions", caller, {})).items.map(({ id }) => id)).toEqual([caller.session]);
    await expect(host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: "battery staple" });
    expect(await people.events()).toContain("password-changed");
  });

  it("USR-07 that was forgotten is set anew with a mail, once and within an hour, and every session ends", async () => {
    const people = await createPeople();
    const { host, clock } = people;
    const caller = await grace(people);
    await host.call("users.requestReset", anybody, { email: "grace@example.com" });
    const first = await people.lastSecret();
    await host.call("users.requestReset", anybody, { email: "grace@example.com" });
    const proof = await people.lastSecret();
    await expect(host.call("users.confirmEmail", anybody, { proof })).rejects.toMatchObject({ code: "proof_invalid" });
    await host.call("users.resetPassword", anybody, { proof, next: "battery staple" });
    for (const used of [proof, first])
      await expect(host.call("users.resetPassword", anybody, { proof: used, next: "another one" })).rejects.toMatchObject({
        code: "proof_invalid",
      });
    expect((await host.store.sessions.get(caller.session ?? ""))?.session.endedAt).toBe(clock.now());
    await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: "battery staple" });
    await host.call("users.requestReset", anybody, { email: "grace@example.com" });
    const late = await people.lastSecret();
    clock.advance(HOUR);
    await expect(host.call("users.resetPassword", anybody, { proof: late, next: "another one" })).rejects.toMatchObject({
      code: "proof_invalid",
    });
  });

  it("USR-07 of an address that nobody has, or has not proven, is answered alike, and no mail is sent", async () => {
    const people = await createPeople();
    await grace(people);
    const [user] = await people.host.store.users.list({ limit: 1 });
    if (user === undefined) throw new Error("no user");
    await people.host.store.commit([{ change: "update-user", user: { ...user, isEmailVerified: false, revision: 2 } }]);
    const sent = people.mailer.sent.length;
    for (const email of ["nobody@example.com", "grace@example.com"]) await people.host.call("users.requestReset", anybody, { email });
    expect(await people.host.store.mails.due(people.clock.now(), 9)).toEqual([]);
    expect(people.mailer.sent).toHaveLength(sent);
  });
});

describe("USR-09 deletion", () => {
  it("USR-09 erases the user, whose id stays in events, and ends sessions and tokens", async () => {
    const people = await createPeople();
    const { host } = people;
    const { secret, userId } = await people.signInAt(anAda);
    const caller = await people.request(cookie(secret));
    const token = await host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    const remove = (confirm: string, ifMatch: number | "*") => host.call("users.deleteMe", caller, { confirm }, { ifMatch });
    await expect(remove("ada", 1)).rejects.toMatchObject({ code: "validation" });
    await expect(remove("Ada", 7)).rejects.toMatchObject({ code: "stale_revision" });
    await remove("Ada", 1);
    expect(await host.store.users.get(userId)).toBeNull();
    expect((await people.request(cookie(secret))).session).toBeUndefined();
    await expect(people.withToken(token.secret ?? "")).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await people.events()).at(-1)).toBe("user-deleted");
    expect(await people.stored()).not.toContain("ada@example.com");
    expect((await people.signInAt(anAda)).userId).not.toBe(userId);
  });
});

describe("USR-09 deletion and accounts", () => {
  it("USR-09 takes the user out of organisations and removes the personal account, and stops for the last owner", async () => {
    const people = await createPeople();
    const { host } = people;
    const caller = await people.person(anAda);
    const org = await host.call("accounts.create", caller, { name: "Acme" }, { key: "key_1" });
    const remove = () => host.call("users.deleteMe", caller, { confirm: "Ada" }, { ifMatch: "*" });
    await expect(remove()).rejects.toMatchObject({ code: "last_owner" });
    expect(await host.store.users.get(caller.actor.id)).not.toBeNull();
    const second = { accountId: org.id, userId: "usr_other", roles: ["owner" as const], since: 1, revision: 1 };
    await host.store.commit([{ change: "insert-membership", membership: second }]);
    await remove();
    expect([...(await host.store.memberships.rolesOf(caller.actor.id))]).toEqual([]);
    expect(await host.store.memberships.count(org.id)).toBe(1);
  });
});

describe("USR-10 the users of a host", () => {
  it("USR-10 are listed, kept out and let in by an operator, and by nobody else", async () => {
    const people = await createPeople({ signIn: { operators: ["root@example.com"] } });
    const { host } = people;
    const operator = await people.person(root);
    people.clock.advance(1);
    const { secret, userId } = await people.signInAt(anAda);
    const listed = await host.call("users.list", operator, { limit: 1 });
    expect(listed.items.map(({ id }) => id)).toEqual([userId]);
    expect((await host.call("users.list", operator, { limit: 1, after: listed.nextAfter ?? "" })).items.map(({ name }) => name)).toEqual([
      "Root",
    ]);
    expect((await host.call("users.list", operator, { query: "ROOT@" })).items.map(({ name }) => name)).toEqual(["Root"]);
    const caller = await people.request(cookie(secret));
    await expect(host.call("users.list", caller, {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(host.call("users.disable", caller, { userId: operator.actor.id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(host.call("users.disable", operator, { userId: "usr_x" })).rejects.toMatchObject({ code: "not_found" });
    for (let count = 0; count < 2; count += 1)
      expect(await host.call("users.disable", operator, { userId })).toMatchObject({ disabledAt: people.clock.now(), revision: 2 });
    await expect(people.signInAt(anAda)).rejects.toMatchObject({ code: "sign_in_refused" });
    expect(await host.call("users.enable", operator, { userId })).toMatchObject({ disabledAt: null, revision: 3 });
    await people.signInAt(anAda);
    expect((await people.events()).filter((type) => /^user-(?:dis|en)abled$/.test(type))).toEqual(["user-disabled", "user-enabled"]);
  });
});
