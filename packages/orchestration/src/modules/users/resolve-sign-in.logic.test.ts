import type { User } from "@millrace/contracts";
import type { StoredIdentity } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { newUser, planSignIn, type SignInFacts, type SignInProfile } from "./resolve-sign-in.logic.js";

const anAda: SignInProfile = {
  subject: "7",
  login: "ada",
  email: "Ada@Example.com",
  isEmailVerified: true,
  name: "Ada L.",
  avatarUrl: "https://a.example/ada.png",
};
const user = (over: Partial<User> = {}): User => ({
  ...newUser({ id: "usr_1", name: "Ada L.", email: "ada@example.com", isEmailVerified: true, at: 1, avatarUrl: anAda.avatarUrl }),
  ...over,
});
const identity: StoredIdentity = {
  id: "idn_1",
  userId: "usr_1",
  provider: "github",
  subject: "7",
  label: "ada",
  name: "Ada L.",
  avatarUrl: anAda.avatarUrl,
  digest: null,
  createdAt: 1,
};
const plan = (facts: Partial<SignInFacts> = {}) =>
  planSignIn({
    provider: "github",
    profile: anAda,
    known: null,
    holder: null,
    fresh: { userId: "usr_new", identityId: "idn_new" },
    at: 5,
    ...facts,
  });
const tags = ({ changes }: ReturnType<typeof plan>) => changes.map(({ change }) => change);

describe("USR-08 a sign-in through a provider", () => {
  it("USR-08 of somebody new makes a user with the verified address", () => {
    const made = plan();
    expect(made.user).toEqual(user({ id: "usr_new", createdAt: 5 }));
    expect(tags(made)).toEqual(["insert-user", "insert-identity"]);
    expect(made.events.map(({ type }) => type)).toEqual(["user-created", "identity-linked"]);
  });

  it("USR-08 never stores an unverified address, and links to nobody by it", () => {
    for (const holder of [null, user(), user({ isEmailVerified: false })]) {
      const made = plan({ holder, profile: { ...anAda, isEmailVerified: false } });
      expect([made.is, made.user.id, made.user.email, made.user.isEmailVerified]).toEqual(["new", "usr_new", null, false]);
      expect(made.released).toBeNull();
    }
  });

  it("USR-08 with the proven address of a user links to it", () => {
    const made = plan({ holder: user() });
    expect([made.is, made.user, tags(made)]).toEqual(["linked", user(), ["insert-identity"]]);
  });

  it("USR-08 takes the address from a user who has not proven it, whose password, sessions and tokens end", () => {
    const squatter = user({ id: "usr_squat", isEmailVerified: false, revision: 3 });
    const made = plan({ holder: squatter });
    expect([made.is, made.released, made.user.email]).toEqual(["new", squatter, "ada@example.com"]);
    expect(made.changes[0]).toMatchObject({ change: "update-user", user: { id: "usr_squat", email: null, revision: 4 } });
    expect(tags(made)).toEqual([
      "update-user",
      "delete-password",
      "end-sessions",
      "delete-api-tokens",
      "delete-mail-proofs",
      "delete-mail-proofs",
      "insert-user",
      "insert-identity",
    ]);
    expect(made.events[0]).toEqual({ type: "email-released", userId: "usr_squat", toUserId: "usr_new" });
  });

  it("USR-08 of a known person changes nothing, where nothing has changed", () => {
    const made = plan({ known: { identity, user: user() }, holder: user() });
    expect(made).toEqual({ is: "known", user: user(), released: null, changes: [], events: [] });
  });

  it("USR-08 refreshes name and picture, unless the person has chosen their own here", () => {
    const profile = { ...anAda, name: "Ada Lovelace", avatarUrl: "https://a.example/new.png" };
    const made = plan({ profile, known: { identity, user: user() } });
    expect(made.user).toEqual(user({ name: "Ada Lovelace", avatarUrl: profile.avatarUrl, revision: 2 }));
    expect(made.events).toEqual([{ type: "user-changed", userId: "usr_1", fields: ["name", "avatarUrl"] }]);
    const own = user({ name: "Countess", avatarUrl: null });
    const kept = plan({ profile, known: { identity, user: own } });
    expect([kept.user, tags(kept)]).toEqual([own, ["update-identity"]]);
  });

  it("USR-08 gives a known person without an address the verified one, unless it is somebody else's proven one", () => {
    const known = { identity, user: user({ email: null, isEmailVerified: false }) };
    expect(plan({ known }).user).toEqual(user({ revision: 2 }));
    expect(plan({ known, holder: user({ id: "usr_2" }) }).user).toBe(known.user);
    const taken = plan({ known, holder: user({ id: "usr_2", isEmailVerified: false }) });
    expect([taken.released?.id, taken.user.email]).toEqual(["usr_2", "ada@example.com"]);
    const unproven = { identity, user: user({ isEmailVerified: false }) };
    expect(plan({ known: unproven, holder: unproven.user }).user.isEmailVerified).toBe(true);
  });

  it("USR-08 keeps of a profile what fits: control characters, long names and plain http pictures go", () => {
    const made = plan({ profile: { ...anAda, name: ` A${"\u001B"}[31m ${"d".repeat(200)}`, avatarUrl: "http://a.example/x.png" } });
    expect([made.user.name.length, made.user.name.slice(0, 6), made.user.avatarUrl]).toEqual([120, "A [31m", null]);
    expect(plan({ profile: { ...anAda, name: "  ", login: null } }).user.name).toBe("Ada");
    expect(plan({ profile: { ...anAda, name: null, login: null, email: null } }).user.name).toBe("Somebody");
  });
});
