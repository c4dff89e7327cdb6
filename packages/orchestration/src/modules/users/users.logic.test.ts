import { describe, expect, it } from "vitest";
import { newUser } from "./resolve-sign-in.logic.js";
import { changedProfile, requireGoodPassword } from "./users.logic.js";

const user = newUser({ id: "usr_1", name: "Ada", email: "ada@example.com", isEmailVerified: true, at: 1 });

describe("USR-02 a profile", () => {
  it("USR-02 changes where something else is said, and null clears", () => {
    const changed = changedProfile(
      { ...user, avatarUrl: "https://a.example/" },
      { name: "Ada", avatarUrl: null, timezone: "Europe/Berlin" },
    );
    expect(changed).toEqual({ user: { ...user, timezone: "Europe/Berlin", revision: 2 }, fields: ["avatarUrl", "timezone"] });
    expect(changedProfile(user, { name: "Ada" })).toEqual({ user, fields: [] });
  });

  it.each(["Mars/Olympus", "+02:00", "../etc", ""])("USR-02 has no time zone called '%s'", (timezone) => {
    expect(() => changedProfile(user, { timezone })).toThrow(expect.objectContaining({ code: "validation" }));
  });
});

it("USR-06 a password is neither the name nor the address of its user", () => {
  const named = { name: "Ada Lovelace", email: "ada@example.com" };
  for (const password of ["ada lovelace", " ADA@example.com "])
    expect(() => requireGoodPassword(password, named)).toThrow(expect.objectContaining({ code: "validation" }));
  expect(() => requireGoodPassword("Ada Lovelace 1815", named)).not.toThrow();
});
