import { chmodSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Terminal } from "../terminal.js";
import { boardTokens, newToken } from "./board-tokens.js";
import { createPerson, type Person } from "./person.js";
import { tokenText } from "./token.js";
import { readTokenFile, writeTokenFile } from "./token-file.js";

const root = mkdtempSync(join(tmpdir(), "millrace-person-"));
afterAll(() => rm(root, { recursive: true, force: true }));

const NOW = 1_000_000;
const claim = { deed: "answer", workspaceId: "ws_1" } as const;

interface Setting {
  readonly terminal?: string;
  readonly tokenFile?: string | null;
  readonly isAgent?: boolean;
}

let boards = 0;

function setting({ terminal, tokenFile = null, isAgent = false }: Setting = {}) {
  const tokens = boardTokens(join(root, `board-${(boards += 1)}`));
  const shown: string[] = [];
  const asked: Terminal = {
    write: (text) => void shown.push(text),
    async ask(question) {
      shown.push(question);
      return terminal ?? "";
    },
    close: () => void shown.push("closed"),
  };
  const person = createPerson({
    io: { env: {}, openTerminal: () => (terminal === undefined ? null : asked) },
    clock: { now: () => NOW },
    tokenFile,
    isAgent: () => isAgent,
    tokens: () => tokens,
  });
  return { person, tokens, shown };
}

async function given(person: Person, what: Parameters<Person["credential"]>[0] = { what: "approve" }): Promise<string | null> {
  const proof = await person.credential(what);
  return proof.is === "given" ? proof.credential : null;
}

describe("H:S6 a person at a terminal", () => {
  it("H:S6 sees what is approved, harmless, and types yes", async () => {
    const { person, shown } = setting({ terminal: " Yes\n" });
    const credential = await given(person, {
      what: "approve '\u001B[2J\u202Enice' (blk_1), digest 4c1f9a02",
      shown: ["\u001B]0;all good\u0007"],
    });
    expect(shown).toEqual([
      "\\x1b]0;all good\\x07\n",
      "millrace: approve '\\x1b[2J\\u202enice' (blk_1), digest 4c1f9a02\nType yes to do it: ",
      "closed",
    ]);
    expect(await person.check.prove({ ...claim, person: "ada", credential })).toBe("terminal");
  });

  it.each(["y", "no", "", "yes please"])("H:S6 declines with anything else: '%s'", async (terminal) => {
    expect(await setting({ terminal }).person.credential({ what: "approve" })).toEqual({ is: "declined" });
  });

  it("H:S6 proves nothing in another process", async () => {
    const credential = await given(setting({ terminal: "yes" }).person);
    await expect(setting().person.check.prove({ ...claim, person: "ada", credential })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
  });
});

describe("H:S6 a process without a terminal", () => {
  it("H:S6 has nothing to prove a person with, and learns what to do", async () => {
    const { person } = setting();
    expect(await person.credential({ what: "approve" })).toEqual({ is: "none" });
    await expect(person.check.prove({ ...claim, person: "ada", credential: null })).rejects.toMatchObject({
      code: "unauthenticated",
      fix: expect.stringContaining("--token-file") as string,
    });
  });

  it("H:S6 that belongs to a job is asked nothing, token and terminal or not", async () => {
    const file = join(root, "job.token");
    writeTokenFile(file, newToken());
    const { person, shown } = setting({ terminal: "yes", tokenFile: file, isAgent: true });
    expect(await person.credential({ what: "approve" })).toEqual({ is: "none" });
    expect(shown).toEqual([]);
  });

  it("must name the digest of what it accepts: a token has seen nothing", async () => {
    const file = join(root, "blind.token");
    writeTokenFile(file, newToken());
    await expect(setting({ tokenFile: file }).person.credential({ what: "approve", mustSee: true })).rejects.toMatchObject({
      code: "validation",
    });
  });
});

describe("H:S6 a token", () => {
  const about = { name: "ci", person: "ada", createdAt: NOW, expiresAt: NOW + 1 };

  it("H:S6 proves its person to a board that takes it, and is named without its secret", async () => {
    const file = join(root, "good.token");
    const token = newToken();
    writeTokenFile(file, token);
    const { person, tokens } = setting({ tokenFile: file });
    expect(person.owner()).toBeNull();
    tokens.add(token, about);
    expect(person.owner()).toBe("ada");
    const credential = await given(person);
    expect(await person.check.prove({ ...claim, person: "ada", credential })).toBe(`token mr_${token.id}`);
    expect(JSON.stringify(tokens.list())).not.toContain(token.secret);
    expect([statSync(file).mode & 0o777, readFileSync(file, "utf8")]).toEqual([0o600, `mr_${token.id}_${token.secret}\n`]);
  });

  it.each([
    ["that the board does not take", {}, { person: "ada" }],
    ["of another person", about, { person: "bob" }],
    ["that has expired", { ...about, expiresAt: NOW }, { person: "ada" }],
  ])("H:S6 %s proves nothing", async (_what, record, asking) => {
    const { person, tokens } = setting();
    const token = newToken();
    if ("name" in record) tokens.add(token, { ...about, ...record });
    await expect(person.check.prove({ ...claim, ...asking, credential: tokenText(token) })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
  });

  it("H:S6 with another secret, or revoked, proves nothing", async () => {
    const { person, tokens } = setting();
    const token = newToken();
    tokens.add(token, about);
    const other = tokenText({ ...token, secret: newToken().secret });
    await expect(person.check.prove({ ...claim, person: "ada", credential: other })).rejects.toMatchObject({ code: "invalid_credentials" });
    tokens.revoke(`mr_${token.id}`);
    await expect(person.check.prove({ ...claim, person: "ada", credential: tokenText(token) })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    expect(() => tokens.revoke(token.id)).toThrow(expect.objectContaining({ code: "not_found" }) as Error);
  });
});

describe("H:S6 the file of a token", () => {
  it("H:S6 that others may read, that is a link, or that holds none is refused, with the fix", () => {
    const loose = join(root, "loose.token");
    writeTokenFile(loose, newToken());
    chmodSync(loose, 0o640);
    expect(() => readTokenFile(loose)).toThrow(
      expect.objectContaining({ code: "invalid_credentials", fix: `chmod 600 '${loose}'` }) as Error,
    );
    chmodSync(loose, 0o600);
    const link = join(root, "link.token");
    symlinkSync(loose, link);
    const empty = join(root, "empty.token");
    writeFileSync(empty, "mr_short_1\n", { mode: 0o600 });
    for (const path of [link, empty])
      expect(() => readTokenFile(path)).toThrow(expect.objectContaining({ code: "invalid_credentials" }) as Error);
    expect(readTokenFile(join(root, "none.token"))).toBeNull();
  });

  it("is never written over", () => {
    const file = join(root, "once.token");
    writeTokenFile(file, newToken());
    expect(() => writeTokenFile(file, newToken())).toThrow(expect.objectContaining({ code: "conflict" }) as Error);
  });
});
