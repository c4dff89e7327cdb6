import { describe, expect, it } from "vitest";
import { createScryptPasswords } from "./scrypt-passwords.js";

const quick = { log2N: 4, r: 8, p: 1 };
const passwords = createScryptPasswords(quick);

describe("AUT-03 a digest of a password", () => {
  it("AUT-03 matches its password, in every spelling that looks the same, and no other", async () => {
    const digest = await passwords.hash("Zürich und zurück");
    expect(digest).toMatch(/^scrypt\$4\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await passwords.verify("Zürich und zurück".normalize("NFD"), digest)).toEqual({ matches: true, isOld: false });
    for (const other of ["", "zürich und zurück", "Zürich und zurück "])
      expect(await passwords.verify(other, digest)).toEqual({ matches: false, isOld: false });
    expect(await passwords.hash("Zürich und zurück")).not.toBe(digest);
  });

  it("AUT-03 of other parameters is old, and matches all the same", async () => {
    const digest = await createScryptPasswords({ ...quick, p: 2 }).hash("correct horse");
    expect(await passwords.verify("correct horse", digest)).toEqual({ matches: true, isOld: true });
    expect(await createScryptPasswords().verify("correct horse", digest)).toEqual({ matches: true, isOld: true });
  });

  it("AUT-03 that is damaged, or would cost more than any digest may, matches nothing", async () => {
    const digest = await passwords.hash("correct horse");
    for (const bad of [
      "",
      "scrypt",
      digest.slice(0, -1),
      digest.replace("$4$", "$0$"),
      digest.replace("$4$", "$40$"),
      digest.replace("$8$1$", "$8$99$"),
    ])
      expect(await passwords.verify("correct horse", bad)).toEqual({ matches: false, isOld: false });
  });

  it("AUT-03 takes 32 MiB by default", async () => {
    const usual = createScryptPasswords();
    expect(await usual.verify("correct horse", await usual.hash("correct horse"))).toEqual({ matches: true, isOld: false });
  });
});
