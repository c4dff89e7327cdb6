import { LOG_START } from "@millrace/kernel";
import { ANONYMOUS } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { describe, expect, it } from "vitest";
import { anAda, anybody, AT_HOME, cookie, createPeople, type People } from "./people.fixture.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PASSWORD = "correct horse";

/** Somebody with a password and a proven address. */
async function signedUp(people: People, email = "grace@example.com"): Promise<void> {
  await people.host.call("sign-in.signUp", anybody, { email, password: PASSWORD, name: "Grace" });
  await people.host.call("users.confirmEmail", anybody, { proof: await people.lastSecret() });
}

describe("AUT-01 the ways to sign in", () => {
  it("AUT-01 are told to everybody, as on or off", async () => {
    const { host } = await createPeople();
    expect(await host.call("sign-in.configuration", ANONYMOUS, {})).toEqual({
      access: "on",
      hasPasswords: true,
      providers: [{ name: "github", label: "github" }],
      signUp: "open",
      hasMail: true,
    });
    const closed = await createPeople({ withoutMail: true, withoutPasswords: true, withoutProvider: true, signIn: { localPerson: "ada" } });
    expect(await closed.host.call("sign-in.configuration", ANONYMOUS, {})).toEqual({
      access: "off",
      hasPasswords: false,
      providers: [],
      signUp: "invited",
      hasMail: false,
    });
  });
});

describe("AUT-02 a sign-up", () => {
  it("AUT-02 makes a user once the mail is answered, whose address is proven", async () => {
    const people = await createPeople();
    const { host } = people;
    await host.call("sign-in.signUp", anybody, { email: "Grace@Example.com", password: PASSWORD });
    expect(await host.store.users.list({ limit: 9 })).toEqual([]);
    const proof = await people.lastSecret();
    const user = await host.call("users.confirmEmail", anybody, { proof });
    expect(user).toMatchObject({ email: "grace@example.com", isEmailVerified: true, name: "grace" });
    await expect(host.call("users.confirmEmail", anybody, { proof })).rejects.toMatchObject({ code: "proof_invalid" });
    expect((await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD })).user).toEqual(user);
    expect(await people.events()).toEqual(["user-created", "identity-linked", "session-started"]);
  });

  it("AUT-02 with a known address answers alike, costs as much, and tells its owner by mail", async () => {
    const people = await createPeople();
    await signedUp(people);
    const before = people.passwords.calls.length;
    await people.host.call("sign-in.signUp", anybody, { email: "grace@example.com", password: "another one" });
    expect(people.passwords.calls.slice(before)).toEqual(["hash"]);
    await people.lastSecret().catch(() => "");
    expect(people.mailer.sent.at(-1)).toMatchObject({ template: "address-known", to: "grace@example.com", values: {} });
    expect(await people.host.store.users.list({ limit: 9 })).toHaveLength(1);
  });

  it("AUT-02 that nobody admits is refused, with mails and without", async () => {
    for (const withoutMail of [false, true]) {
      const { host } = await createPeople({ withoutMail });
      const email = withoutMail ? "grace@example.com" : "grace@elsewhere.example";
      const signUp = host.call("sign-in.signUp", anybody, { email, password: PASSWORD });
      await expect(signUp).rejects.toMatchObject({ code: "sign_in_refused" });
      await expect(host.call("sign-in.signUp", anybody, { email, password: PASSWORD, invitation: "forged" })).rejects.toMatchObject({
        code: "sign_in_refused",
      });
      expect(await host.store.users.list({ limit: 9 })).toEqual([]);
    }
  });

  it("AUT-02 of two that prove the same address at once makes one user", async () => {
    const people = await createPeople();
    const proofs = [];
    for (const password of ["the first one", "the second one"]) {
      await people.host.call("sign-in.signUp", anybody, { email: "grace@example.com", password });
      proofs.push(await people.lastSecret());
    }
    const both = await Promise.allSettled(proofs.map((proof) => people.host.call("users.confirmEmail", anybody, { proof })));
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await people.host.store.users.list({ limit: 9 })).toHaveLength(1);
  });

  it("AUT-02 sends no more than five mails an hour to one address", async () => {
    const { host, clock } = await createPeople();
    const signUp = () => host.call("sign-in.signUp", anybody, { email: "grace@example.com", password: PASSWORD });
    for (let count = 0; count < 5; count += 1) await signUp();
    await expect(signUp()).rejects.toMatchObject({ code: "rate_limited" });
    clock.advance(60 * MINUTE);
    await signUp();
  });
});

describe("AUT-03 a sign-in with a password", () => {
  it("AUT-03 is refused alike for a wrong password, an unknown address and a user without a password, at the same cost", async () => {
    const people = await createPeople();
    await signedUp(people);
    await people.signInAt(anAda);
    const refusals = [];
    for (const email of ["grace@example.com", "nobody@example.com", "ada@example.com"]) {
      const before = people.passwords.calls.length;
      const error: unknown = await people.host
        .call("sign-in.signIn", anybody, { email, password: "wrong one" })
        .catch((reason: unknown) => reason);
      refusals.push([
        error instanceof Error ? error.message : null,
        people.passwords.calls.slice(before).filter((call) => call === "verify"),
      ]);
    }
    expect(refusals).toEqual(Array.from({ length: 3 }, () => ["address or password are wrong", ["verify"]]));
    expect((await people.events()).filter((type) => type === "sign-in-refused")).toHaveLength(3);
  });

  it("AUT-03 is tried ten times in a quarter of an hour, from one place with one address, and goes on elsewhere", async () => {
    const people = await createPeople();
    await signedUp(people);
    const signIn = (password: string, source = AT_HOME) =>
      people.host.call("sign-in.signIn", { ...ANONYMOUS, source }, { email: "grace@example.com", password });
    for (let count = 0; count < 20; count += 1) await signIn(PASSWORD);
    for (let count = 0; count < 10; count += 1) await expect(signIn("wrong one")).rejects.toMatchObject({ code: "invalid_credentials" });
    await expect(signIn(PASSWORD)).rejects.toMatchObject({ code: "rate_limited", details: { resetAt: people.clock.now() + 15 * MINUTE } });
    await signIn(PASSWORD, "198.51.100.4");
    people.clock.advance(15 * MINUTE);
    await signIn(PASSWORD);
  });

  it("AUT-03 is tried a hundred times from one place, whatever the addresses, and IPv6 neighbours are one place", async () => {
    const { host } = await createPeople();
    const signIn = (count: number) =>
      host.call("sign-in.signIn", { ...ANONYMOUS, source: `2001:db8::${count}` }, { email: `u${count}@example.com`, password: PASSWORD });
    for (let count = 0; count < 100; count += 1) await expect(signIn(count)).rejects.toMatchObject({ code: "invalid_credentials" });
    await expect(signIn(100)).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("AUT-03 hashes the password anew where its digest is of old parameters", async () => {
    const people = await createPeople();
    await signedUp(people);
    const { host } = people;
    const [user] = await host.store.users.list({ limit: 1 });
    const digestOf = async () => (await host.store.users.byIdentity("password", user?.id ?? ""))?.identity.digest ?? "";
    const old = (await digestOf()).replace("test$1", "test$0");
    await host.store.commit([{ change: "update-password", userId: user?.id ?? "", before: await digestOf(), digest: old }]);
    await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    expect(await digestOf()).toMatch(/^test\$1/);
    await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
  });

  it("AUT-03 of a user who is kept out is refused like a wrong password", async () => {
    const people = await createPeople();
    await signedUp(people);
    const [user] = await people.host.store.users.list({ limit: 1 });
    if (user === undefined) throw new Error("no user");
    await people.host.store.commit([{ change: "update-user", user: { ...user, disabledAt: 1, revision: 2 } }]);
    const signIn = people.host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    await expect(signIn).rejects.toMatchObject({ code: "invalid_credentials" });
  });

  it("AUT-03 is off on a host without passwords, and says so", async () => {
    const { host } = await createPeople({ withoutPasswords: true });
    const signIn = host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    await expect(signIn).rejects.toMatchObject({ code: "not_configured" });
  });
});

describe("AUT-05 a sign-in through a provider", () => {
  it("AUT-05 begins a session, for somebody new and for the same person again", async () => {
    const people = await createPeople();
    const first = await people.signInAt(anAda);
    const again = await people.signInAt(anAda);
    expect(again.userId).toBe(first.userId);
    expect(await people.events()).toEqual(["user-created", "identity-linked", "session-started", "session-started"]);
    expect(await people.host.store.users.get(first.userId)).toMatchObject({ name: "Ada", email: "ada@example.com", isEmailVerified: true });
  });

  it("AUT-05 lets nobody in whom no list and no invitation admits, and an unverified address is on no list", async () => {
    const people = await createPeople();
    for (const profile of [
      { ...anAda, email: "ada@elsewhere.example" },
      { ...anAda, isEmailVerified: false },
    ])
      await expect(people.signInAt(profile)).rejects.toMatchObject({ code: "sign_in_refused" });
    expect(await people.host.store.users.list({ limit: 9 })).toEqual([]);
    expect(await people.events()).toEqual(["sign-in-refused", "sign-in-refused"]);
  });

  it("AUT-04 takes an answer once, in the browser that left, within ten minutes", async () => {
    const people = await createPeople();
    const { host, provider, clock } = people;
    const start = () => host.call("sign-in.startProvider", anybody, { provider: "github" });
    const finish = (browser: string, back: { readonly state: string; readonly code: string }) =>
      host.call("sign-in.finishProvider", { ...anybody, browser }, { provider: "github", ...back });
    const one = await start();
    const back = await provider.signIn(one.url, anAda);
    for (const browser of ["", "f".repeat(64), (await start()).browser])
      await expect(finish(browser, back)).rejects.toMatchObject({ code: "proof_invalid" });
    await expect(finish(one.browser, { ...back, state: "0".repeat(64) })).rejects.toMatchObject({ code: "proof_invalid" });
    expect((await finish(one.browser, back)).redirect).toBe("https://mill.example/");
    await expect(finish(one.browser, back)).rejects.toMatchObject({ code: "proof_invalid" });
    const late = await start();
    const tooLate = await provider.signIn(late.url, anAda);
    clock.advance(10 * MINUTE);
    await expect(finish(late.browser, tooLate)).rejects.toMatchObject({ code: "proof_invalid" });
  });

  it("AUT-05 is used up by a provider that does not answer, and says whose fault it was", async () => {
    const { host, provider } = await createPeople();
    const { url, browser } = await host.call("sign-in.startProvider", anybody, { provider: "github" });
    const back = await provider.signIn(url, anAda);
    provider.breakOnce();
    const finish = () => host.call("sign-in.finishProvider", { ...anybody, browser }, { provider: "github", ...back });
    await expect(finish()).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(finish()).rejects.toMatchObject({ code: "proof_invalid" });
    const denied = await host.call("sign-in.startProvider", anybody, { provider: "github" });
    const state = new URL(denied.url).searchParams.get("state") ?? "";
    const refused = host.call(
      "sign-in.finishProvider",
      { ...anybody, browser: denied.browser },
      { provider: "github", state, error: "access_denied" },
    );
    await expect(refused).rejects.toMatchObject({ code: "proof_invalid" });
  });

  it("AUT-04 starts with a provider of the host, towards a page of the host", async () => {
    const { host } = await createPeople();
    const start = (over: object) => host.call("sign-in.startProvider", anybody, { provider: "github", ...over });
    await expect(start({ provider: "gitlab" })).rejects.toMatchObject({ code: "not_configured" });
    await expect(start({ redirect: "https://evil.example/" })).rejects.toMatchObject({ code: "validation" });
    await expect(host.call("sign-in.linkProvider", anybody, { provider: "github" })).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("USR-08 of one person at the same time makes one user, in every order", async () => {
    for (let round = 0; round < 4; round += 1) {
      const people = await createPeople();
      const both = await Promise.all([people.signInAt(anAda), people.signInAt(anAda), people.signInAt({ ...anAda, subject: "8" })]);
      expect(new Set(both.map(({ userId }) => userId)).size).toBe(1);
      expect(await people.host.store.users.list({ limit: 9 })).toHaveLength(1);
      expect((await people.events()).filter((type) => type === "user-created")).toHaveLength(1);
    }
  });

  it("USR-08 gives a squatted address to the person who proves it: the squatter's password, sessions and tokens end", async () => {
    const people = await createPeople();
    await people.host.store.commit([
      {
        change: "insert-user",
        user: {
          id: "usr_squat",
          name: "Squatter",
          email: anAda.email,
          isEmailVerified: false,
          avatarUrl: null,
          timezone: null,
          createdAt: 1,
          disabledAt: null,
          revision: 1,
        },
      },
      {
        change: "insert-identity",
        identity: {
          id: "idn_squat",
          userId: "usr_squat",
          provider: "password",
          subject: "usr_squat",
          label: "",
          name: null,
          avatarUrl: null,
          digest: await people.passwords.hash(PASSWORD),
          createdAt: 1,
        },
      },
    ]);
    const squatter = await people.host.call("sign-in.signIn", anybody, { email: anAda.email, password: PASSWORD });
    const caller = await people.request(cookie(squatter.secret));
    const token = await people.host.call("sign-in.createToken", caller, { name: "mine", scopes: ["read"] });
    const owner = await people.signInAt(anAda);
    expect(owner.userId).not.toBe("usr_squat");
    expect(await people.host.store.users.get("usr_squat")).toMatchObject({ email: null });
    await expect(people.host.call("sign-in.signIn", anybody, { email: anAda.email, password: PASSWORD })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    expect((await people.request(cookie(squatter.secret))).actor).toEqual(ANONYMOUS.actor);
    await expect(people.withToken(token.secret ?? "")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await people.events()).toContain("email-released");
  });
});

describe("AUT-06 sessions", () => {
  it("AUT-06 end with signing out: the cookie is worth nothing from then on", async () => {
    const people = await createPeople();
    const { secret } = await people.signInAt(anAda);
    await people.host.call("sign-in.signOut", await people.request(cookie(secret)), {});
    const after = await people.request(cookie(secret));
    expect(after.actor).toEqual(ANONYMOUS.actor);
    await expect(people.host.call("users.me", after, {})).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await people.events()).at(-1)).toBe("session-ended");
  });

  it("AUT-07 are listed for their person, who ends one, or all others", async () => {
    const people = await createPeople();
    const { host, clock } = people;
    const callers = [];
    for (let count = 0; count < 3; count += 1) {
      clock.advance(1);
      callers.push(await people.person(anAda));
    }
    const [first, second, third] = callers;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no sessions");
    const eve = await people.person({ ...anAda, subject: "9", email: "eve@example.com" });
    const listed = await host.call("sign-in.listSessions", third, {});
    expect(listed.items.map(({ id, isCurrent }) => [id, isCurrent])).toEqual([
      [third.session, true],
      [second.session, false],
      [first.session, false],
    ]);
    const page = await host.call("sign-in.listSessions", third, { limit: 2 });
    expect((await host.call("sign-in.listSessions", third, { limit: 2, after: page.nextAfter ?? "" })).items).toHaveLength(1);
    await host.call("sign-in.endSession", eve, { sessionId: first.session ?? "" });
    expect((await host.call("sign-in.listSessions", first, {})).items).toHaveLength(3);
    for (let count = 0; count < 2; count += 1) await host.call("sign-in.endSession", third, { sessionId: first.session ?? "" });
    expect((await people.events()).filter((type) => type === "session-ended")).toHaveLength(1);
    await host.call("sign-in.endOtherSessions", third, {});
    expect((await host.call("sign-in.listSessions", third, {})).items.map(({ id }) => id)).toEqual([third.session]);
    expect((await host.call("sign-in.listSessions", eve, {})).items).toHaveLength(1);
  });

  it("AUT-08 are confirmed for ten minutes, by password or provider, each bound to its session", async () => {
    const people = await createPeople();
    const { host, clock, provider } = people;
    await signedUp(people);
    const { secret } = await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    const other = await host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    const change = async (text = secret) =>
      host.call("users.changeEmail", await people.request(cookie(text)), { email: "grace@example.com" });
    await change();
    clock.advance(10 * MINUTE);
    await expect(change()).rejects.toMatchObject({ code: "unauthenticated", details: { confirm: true } });
    const caller = await people.request(cookie(secret));
    await expect(host.call("sign-in.confirm", caller, { password: "wrong one" })).rejects.toMatchObject({ code: "invalid_credentials" });
    expect((await host.call("sign-in.confirm", caller, { password: PASSWORD })).confirmedUntil).toBe(clock.now() + 10 * MINUTE);
    await change();
    await expect(change(other.secret)).rejects.toMatchObject({ code: "unauthenticated" });
    const { url, browser } = await host.call("sign-in.linkProvider", await people.request(cookie(secret)), { provider: "github" });
    const back = await provider.signIn(url, anAda);
    const returned = (text: string) => people.request(`${cookie(text)}; __Host-millrace-browser=${browser}`, { method: "GET" });
    await host.call("sign-in.finishProvider", await returned(secret), { provider: "github", ...back });
    clock.advance(10 * MINUTE);
    const confirm = await host.call(
      "sign-in.confirmByProvider",
      { ...(await people.request(cookie(secret))), browser },
      { provider: "github" },
    );
    expect(new URL(confirm.url).searchParams.get("prompt")).toBe("login");
    const stranger = await provider.signIn(confirm.url, { ...anAda, subject: "99" });
    await expect(host.call("sign-in.finishProvider", await returned(secret), { provider: "github", ...stranger })).rejects.toMatchObject({
      code: "proof_invalid",
    });
    const anew = await host.call(
      "sign-in.confirmByProvider",
      { ...(await people.request(cookie(secret))), browser },
      { provider: "github" },
    );
    const proven = await provider.signIn(anew.url, anAda);
    await expect(
      host.call("sign-in.finishProvider", await returned(other.secret), { provider: "github", ...proven }),
    ).rejects.toMatchObject({
      code: "proof_invalid",
    });
    const last = await host.call(
      "sign-in.confirmByProvider",
      { ...(await people.request(cookie(secret))), browser },
      { provider: "github" },
    );
    await host.call("sign-in.finishProvider", await returned(secret), { provider: "github", ...(await provider.signIn(last.url, anAda)) });
    await change();
    expect((await people.events()).filter((type) => type === "session-confirmed")).toHaveLength(2);
  });

  it("AUT-08 are confirmed by the password ten times in a quarter of an hour", async () => {
    const people = await createPeople();
    await signedUp(people);
    const { secret } = await people.host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
    const caller = await people.request(cookie(secret));
    const confirm = (password: string) => people.host.call("sign-in.confirm", caller, { password });
    for (let count = 0; count < 10; count += 1) await expect(confirm("wrong one")).rejects.toMatchObject({ code: "invalid_credentials" });
    await expect(confirm(PASSWORD)).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("AUT-09 tokens", () => {
  it("AUT-09 are told once, also to a request that is sent again, and only their digest is stored", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    const create = () => people.host.call("sign-in.createToken", caller, { name: "script", scopes: ["read", "runs"] }, { key: "key_1" });
    const made = await create();
    expect(made.secret).toMatch(/^mr_[a-z0-9]+_[0-9a-f]{64}$/);
    expect(await create()).toEqual({ ...made, secret: null });
    const secret = made.secret?.split("_").at(-1) ?? "-";
    expect(await people.stored()).not.toContain(secret);
    const remembered = await people.host.store.requests.get({
      scope: { of: "host" },
      caller: `human ${caller.actor.id}`,
      operation: "sign-in.createToken",
      key: "key_1",
    });
    expect(remembered?.answer).not.toContain(secret);
    const listed = await people.host.call("sign-in.listTokens", caller, {});
    expect(listed).toEqual({ items: [made.token], nextAfter: null });
    expect(JSON.stringify(listed)).not.toMatch(/digest/);
  });

  it("AUT-09 need a fresh proof for what decides, and are made by no token", async () => {
    const people = await createPeople();
    const { secret } = await people.signInAt(anAda);
    const create = async (scopes: readonly ("read" | "answers" | "operator")[]) =>
      people.host.call("sign-in.createToken", await people.request(cookie(secret)), { name: "script", scopes: [...scopes] });
    const confirmed = await create(["answers", "read"]);
    expect(confirmed.token).toMatchObject({ scopes: ["read", "answers"], isConfirmed: true });
    await expect(create(["operator"])).rejects.toMatchObject({ code: "forbidden" });
    people.clock.advance(10 * MINUTE);
    await expect(create(["answers"])).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await create(["read"])).token.isConfirmed).toBe(false);
    const byToken = await people.withToken(confirmed.secret ?? "");
    for (const attempt of [
      people.host.call("sign-in.createToken", byToken, { name: "more", scopes: ["runs"] }),
      people.host.call("users.setPassword", byToken, { next: PASSWORD }),
      people.host.call("users.changeEmail", byToken, { email: "eve@example.com" }),
      people.host.call("sign-in.endOtherSessions", byToken, {}),
      people.host.call("sign-in.confirm", byToken, { password: PASSWORD }),
      people.host.call("users.deleteMe", byToken, { confirm: "Ada" }, { ifMatch: "*" }),
    ])
      await expect(attempt).rejects.toMatchObject({ code: "forbidden" });
  });

  it("AUT-09 are for workspaces that their person is in", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    const foreign = people.host.call("sign-in.createToken", caller, {
      name: "script",
      scopes: ["read"],
      workspaces: [people.host.workspace.id],
    });
    await expect(foreign).rejects.toMatchObject({ code: "not_found" });
  });

  it("AUT-09 are fifty for each person at most", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    const create = () => people.host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    for (let count = 0; count < 50; count += 1) await create();
    await expect(create()).rejects.toMatchObject({ code: "limit_reached", details: { max: 50 } });
    people.clock.advance(90 * DAY);
    await create();
  });

  it("AUT-10 are revoked by their person, once, and refused at their next request", async () => {
    const people = await createPeople();
    const caller = await people.person(anAda);
    const eve = await people.person({ ...anAda, subject: "9", email: "eve@example.com" });
    const { token, secret } = await people.host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    await people.host.call("sign-in.revokeToken", eve, { tokenId: token.id });
    await people.withToken(secret ?? "");
    for (let count = 0; count < 2; count += 1) await people.host.call("sign-in.revokeToken", caller, { tokenId: token.id });
    await expect(people.withToken(secret ?? "")).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await people.events()).filter((type) => type === "token-revoked")).toHaveLength(1);
  });

  it("AUT-11 of a machine are its account's, may what a developer may, and never answer for people", async () => {
    const people = await createPeople();
    const { host } = people;
    const person = await people.person(anAda);
    const admin = { ...person, grants: { ...person.grants, accounts: { acc_ours: ["admin" as const] } } };
    const own = await host.workspaces.create({ name: "ours", accountId: "acc_ours", actor: testUser });
    const create = (over: object = {}) =>
      host.call("sign-in.createServiceToken", admin, { accountId: "acc_ours", name: "ci", scopes: ["board", "read"], ...over });
    await expect(create({ scopes: ["answers"] })).rejects.toMatchObject({ code: "validation" });
    await expect(create({ workspaces: [host.workspace.id] })).rejects.toMatchObject({ code: "not_found" });
    const { token, secret } = await create({ workspaces: [own.id] });
    const machine = await people.withToken(secret ?? "");
    expect(machine).toMatchObject({ actor: { type: "system", id: token.id }, grants: { accounts: { acc_ours: ["developer"] } } });
    await expect(host.call("users.me", machine, {})).rejects.toMatchObject({ code: "forbidden" });
    expect((await host.call("sign-in.listServiceTokens", admin, { accountId: "acc_ours" })).items.map(({ id }) => id)).toEqual([token.id]);
    const other = { ...person, grants: { ...person.grants, accounts: { acc_theirs: ["owner" as const] } } };
    await host.call("sign-in.revokeServiceToken", other, { accountId: "acc_theirs", tokenId: token.id });
    await people.withToken(secret ?? "");
    await host.call("sign-in.revokeServiceToken", admin, { accountId: "acc_ours", tokenId: token.id });
    await expect(people.withToken(secret ?? "")).rejects.toMatchObject({ code: "unauthenticated" });
    const log = await host.store.platformEvents.ofAccount("acc_ours", LOG_START, 10);
    expect(log.map(({ entry }) => entry.event.type)).toEqual(["token-created", "token-revoked"]);
  });
});

describe("AUT-12 every request is authenticated anew", () => {
  it("AUT-12 a session is its person, a token is its person cut by its scopes, and an agent is named beside the person", async () => {
    const people = await createPeople();
    const { secret, userId } = await people.signInAt(anAda);
    const session = await people.request(cookie(secret));
    expect(session).toMatchObject({ actor: { type: "human", id: userId, proof: "session" }, source: AT_HOME, grants: { accounts: {} } });
    const { token, secret: text } = await people.host.call("sign-in.createToken", session, { name: "script", scopes: ["runs"] });
    const script = await people.withToken(text ?? "");
    expect(script).toMatchObject({
      actor: { type: "human", id: userId, proof: `token ${token.id}` },
      grants: { token: { id: token.id, scopes: ["runs"] } },
    });
    const agent = await people.withToken(text ?? "", { agent: "claude" });
    expect(agent).toMatchObject({ actor: { type: "agent", id: "claude" }, onBehalfOf: userId });
    expect(await people.host.call("users.me", agent, {})).toMatchObject({ user: { id: userId }, agent: "claude" });
    await expect(people.host.call("users.updateMe", agent, { name: "Eve" }, { ifMatch: "*" })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("AUT-12 a token that is not good is refused, and no cookie is looked at beside it", async () => {
    const people = await createPeople();
    const { secret } = await people.signInAt(anAda);
    const caller = await people.request(cookie(secret));
    const made = await people.host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    const text = made.secret ?? "";
    const wrong = text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
    for (const authorization of [`Bearer ${wrong}`, "Bearer", "Bearer mr_x", `Basic ${text}`, "", `Bearer ${secret}`])
      await expect(people.request(cookie(secret), { authorization })).rejects.toMatchObject({ code: "unauthenticated" });
    await people.withToken(text);
    people.clock.advance(90 * DAY);
    await expect(people.withToken(text)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("AUT-12 a session that is over proves nothing: after 7 days unused, after 30 days at most", async () => {
    const people = await createPeople();
    const { secret } = await people.signInAt(anAda);
    const isIn = async () => (await people.request(cookie(secret))).session !== undefined;
    for (let week = 0; week < 4; week += 1) {
      people.clock.advance(7 * DAY - 1);
      expect(await isIn()).toBe(true);
    }
    people.clock.advance(2 * DAY + 4);
    expect(await isIn()).toBe(false);
    const unused = await people.signInAt(anAda);
    people.clock.advance(7 * DAY);
    expect((await people.request(cookie(unused.secret))).session).toBeUndefined();
  });

  it("AUT-12 a use is written down once a minute at most", async () => {
    const people = await createPeople();
    const { secret } = await people.signInAt(anAda);
    const caller = await people.request(cookie(secret));
    const { token, secret: text } = await people.host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    const used = async () => [
      (await people.host.store.sessions.get(caller.session ?? ""))?.session.lastSeenAt,
      (await people.host.store.apiTokens.get(token.id))?.token.lastUsedAt,
    ];
    const begun = people.clock.now();
    await people.withToken(text ?? "");
    people.clock.advance(MINUTE);
    await people.withToken(text ?? "");
    await people.request(cookie(secret));
    expect(await used()).toEqual([begun, begun]);
    people.clock.advance(1);
    await people.withToken(text ?? "");
    await people.request(cookie(secret));
    expect(await used()).toEqual([begun + MINUTE + 1, begun + MINUTE + 1]);
  });

  it("AUT-12 what changes something with a cookie comes from a page of this host", async () => {
    const people = await createPeople();
    const { secret } = await people.signInAt(anAda);
    const from = (over: object) => people.request(cookie(secret), { secFetchSite: null, ...over });
    for (const over of [{}, { secFetchSite: "cross-site" }, { origin: "https://evil.example" }, { secFetchSite: "same-site" }])
      await expect(from(over)).rejects.toMatchObject({ code: "forbidden" });
    for (const over of [{ origin: "https://mill.example" }, { secFetchSite: "same-origin" }, { method: "GET" }])
      expect((await from(over)).session).toBeDefined();
    await expect(people.request("", { secFetchSite: "cross-site" })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("AUT-12 a user who is kept out loses sessions and tokens at the next request, and has none when let in again", async () => {
    const people = await createPeople({ signIn: { operators: ["root@example.com"] } });
    const root = await people.person({ ...anAda, subject: "1", email: "root@example.com" });
    const { secret, userId } = await people.signInAt(anAda);
    const caller = await people.request(cookie(secret));
    const token = await people.host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    for (const operation of ["users.disable", "users.enable"] as const) {
      await people.host.call(operation, root, { userId });
      expect((await people.request(cookie(secret))).session).toBeUndefined();
      await expect(people.withToken(token.secret ?? "")).rejects.toMatchObject({ code: "unauthenticated" });
    }
  });

  it("AUT-12 a host where nobody signs in answers its own machine, as its one person, and no page of another site", async () => {
    const { host } = await createPeople({ withoutMail: true, withoutProvider: true, signIn: { localPerson: "ada" } });
    const from = (over: object) => host.signIn.authenticate({ method: "POST", source: "127.0.0.1", host: "localhost:8080", ...over });
    const caller = await from({});
    expect(await host.call("users.me", caller, {})).toMatchObject({
      isLocal: true,
      user: { id: "ada" },
      withoutAccount: { roles: ["owner"] },
    });
    for (const over of [
      { source: "10.0.0.7" },
      { host: "evil.example" },
      { origin: "http://evil.example" },
      { secFetchSite: "cross-site" },
    ])
      await expect(from(over)).rejects.toMatchObject({ code: "forbidden" });
    await from({ origin: "http://localhost:8080", secFetchSite: "same-origin" });
    const workspace = await host.workspaces.create({ name: "theirs", accountId: "acc_ours", actor: testUser });
    const add = host.call("board.addTask", caller, { workspaceId: workspace.id, parentId: "blk_1", title: "a task" });
    await expect(add).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("AUT-05 invitations", () => {
  async function inviting(email: string) {
    const people = await createPeople({ signIn: { admits: { logins: ["github:boss"] } } });
    const boss = await people.person({ subject: "1", login: "boss", email: "boss@corp.example", isEmailVerified: true, name: "Boss" });
    const { host } = people;
    const org = await host.call("accounts.create", boss, { name: "Acme" }, { key: "key_1" });
    const asOwner = { ...boss, grants: { ...boss.grants, accounts: { [org.id]: ["owner" as const] } } };
    const sent = await host.call("invitations.create", asOwner, { accountId: org.id, email, roles: ["product"] }, { key: "key_2" });
    return { people, host, org, asOwner, sent, token: sent.token ?? "" };
  }

  it("AUT-05 admit the person with the invited address, who is a member from then on", async () => {
    const { people, host, org, token } = await inviting("ada@example.com");
    await expect(people.signInAt(anAda)).rejects.toMatchObject({ code: "sign_in_refused" });
    const finish = async (profile: object) => {
      const { url, browser } = await host.call("sign-in.startProvider", anybody, { provider: "github", invitation: token });
      const back = await people.provider.signIn(url, { ...anAda, ...profile });
      return host.call("sign-in.finishProvider", { ...anybody, browser }, { provider: "github", ...back });
    };
    for (const other of [{ email: "eve@example.com", subject: "9" }, { isEmailVerified: false }])
      await expect(finish(other)).rejects.toMatchObject({ code: "sign_in_refused" });
    const { started } = await finish({});
    const caller = await people.request(cookie(started?.secret ?? ""));
    expect(caller.grants.accounts[org.id]).toEqual(["product"]);
    expect((await finish({})).started?.user).toEqual(started?.user);
  });

  it("AUT-02 admit a sign-up with the invited address, once the mail to it is answered", async () => {
    const { people, host, org, asOwner, sent, token } = await inviting("grace@elsewhere.example");
    const signUp = (email: string) => host.call("sign-in.signUp", anybody, { email, password: PASSWORD, invitation: token });
    await expect(signUp("eve@elsewhere.example")).rejects.toMatchObject({ code: "sign_in_refused" });
    await signUp("grace@elsewhere.example");
    const proof = await people.lastSecret();
    const user = await host.call("users.confirmEmail", anybody, { proof });
    expect(await host.store.memberships.get(org.id, user.id)).toMatchObject({ roles: ["product"] });
    const { secret } = await host.call("sign-in.signIn", anybody, { email: "grace@elsewhere.example", password: PASSWORD });
    const caller = await people.request(cookie(secret));
    const made = await host.call("sign-in.createToken", caller, { name: "script", scopes: ["read"] });
    expect((await people.withToken(made.secret ?? "")).grants.accounts[org.id]).toEqual(["product"]);
    await host.call("accounts.removeMember", asOwner, { accountId: org.id, userId: user.id }, { ifMatch: "*" });
    for (const again of [await people.withToken(made.secret ?? ""), await people.request(cookie(secret))])
      expect(again.grants.accounts[org.id]).toBeUndefined();
    expect(sent.delivery).toBe("queued");
  });

  it("AUT-02 that were revoked before the mail was answered admit nobody", async () => {
    const { people, host, org, asOwner, sent, token } = await inviting("grace@elsewhere.example");
    await host.call("sign-in.signUp", anybody, { email: "grace@elsewhere.example", password: PASSWORD, invitation: token });
    const proof = await people.lastSecret();
    await host.call("invitations.revoke", asOwner, { accountId: org.id, invitationId: sent.invitation.id }, { ifMatch: "*" });
    await expect(host.call("users.confirmEmail", anybody, { proof })).rejects.toMatchObject({ code: "sign_in_refused" });
    expect(await host.store.users.byEmail("grace@elsewhere.example")).toBeNull();
  });

  it("AUT-02 without mails admit, and the address stays unproven: it makes nobody a member", async () => {
    const people = await createPeople({ withoutMail: true, signIn: { admits: { logins: ["github:boss"] } } });
    const { host } = people;
    const boss = await people.person({ subject: "1", login: "boss", email: "boss@corp.example", isEmailVerified: true });
    const org = await host.call("accounts.create", boss, { name: "Acme" }, { key: "key_1" });
    const asOwner = { ...boss, grants: { ...boss.grants, accounts: { [org.id]: ["owner" as const] } } };
    const sent = await host.call("invitations.create", asOwner, { accountId: org.id, email: "grace@example.com" }, { key: "key_2" });
    await host.call("sign-in.signUp", anybody, { email: "grace@example.com", password: PASSWORD, invitation: sent.token ?? "" });
    const user = await host.store.users.byEmail("grace@example.com");
    expect(user).toMatchObject({ isEmailVerified: false });
    expect(await host.store.memberships.get(org.id, user?.id ?? "")).toBeNull();
  });
});

it("AUT-03 G-08 no secret of a sign-in is stored, told or logged", async () => {
  const people = await createPeople();
  await signedUp(people);
  const { secret } = await people.host.call("sign-in.signIn", anybody, { email: "grace@example.com", password: PASSWORD });
  const stored = await people.stored();
  for (const each of [PASSWORD, secret.split("_").at(-1) ?? "-", "192.0.2.7"]) expect(stored).not.toContain(each);
  expect(JSON.stringify(await people.host.store.platformEvents.ofHost(LOG_START, 1000))).not.toContain("grace@example.com");
});

it("AUT-07 what is over is swept away, 30 days after", async () => {
  const people = await createPeople();
  await people.signInAt(anAda);
  await people.host.call("sign-in.startProvider", anybody, { provider: "github" });
  people.clock.advance(61 * DAY);
  const swept: Record<string, number> = {};
  for (const sweep of people.host.sweeps.filter(({ name }) => /^(?:sign-in|users)\./.test(name)))
    swept[sweep.name] = await sweep.run(people.clock.now(), 200, new AbortController().signal);
  expect(swept).toMatchObject({ "sign-in.sessions": 1, "sign-in.states": 1 });
});
