/**
 * The personal tokens that a board takes, a file each in its `tokens` folder: whose they are, and the digest of their secret. They lie with
 * the board, not with the user: a process that names another state folder makes no token of this board.
 */
import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBoundedSync } from "@millrace/executors";
import { notFound, nullWhenMissing, throwUnwritable } from "@millrace/kernel";
import { z } from "zod";
import { FILE_MODE, FOLDER_MODE } from "../config/board-guard.js";
import { digestOf, isDigestOf, type Token } from "./token.js";

const MAX_BYTES = 4096;
const ID_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789";

const recordSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  /** For people: where it is used. */
  name: z.string(),
  /** Who acts with it. */
  person: z.string(),
  /** SHA-256 of the secret, in hex. */
  digest: z.string(),
  /** Epoch ms. */
  createdAt: z.number(),
  expiresAt: z.number(),
});
/** A token as its board keeps it. */
export type TokenRecord = z.infer<typeof recordSchema>;

/** The tokens of one board. */
export interface BoardTokens {
  /** Makes a board take a token. */
  add(token: Token, about: Pick<TokenRecord, "name" | "person" | "createdAt" | "expiresAt">): TokenRecord;
  /** The record of a token, when its secret is the right one; null: the board does not take it. */
  find(token: Token): TokenRecord | null;
  /** Oldest first. */
  list(): readonly TokenRecord[];
  /** @throws MillraceError `not_found`. */
  revoke(id: string): TokenRecord;
}

/** A token that nothing takes yet. */
export function newToken(): Token {
  const id = Array.from({ length: 10 }, () => ID_CHARS[randomInt(ID_CHARS.length)]).join("");
  return { id, secret: randomBytes(32).toString("base64url") };
}

/** `folder`: the `tokens` of a board; made by the first token. */
export function boardTokens(folder: string): BoardTokens {
  const fileOf = (id: string): string => join(folder, `${id}.json`);
  const list = (): readonly TokenRecord[] =>
    names(folder)
      .flatMap((name) => read(join(folder, name)) ?? [])
      .toSorted((a, b) => a.createdAt - b.createdAt);
  return {
    add(token, about) {
      const record: TokenRecord = { version: 1, id: token.id, ...about, digest: digestOf(token) };
      try {
        mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
        writeFileSync(fileOf(token.id), JSON.stringify(record), { mode: FILE_MODE });
      } catch (error) {
        throwUnwritable(folder, error);
      }
      return record;
    },
    find(token) {
      const record = read(fileOf(token.id));
      return record !== null && isDigestOf(token, record.digest) ? record : null;
    },
    list,
    revoke(id) {
      const record = list().find((known) => known.id === id || `mr_${known.id}` === id);
      if (record === undefined) throw notFound("token", id, "list them with: millrace token list");
      rmSync(fileOf(record.id), { force: true });
      return record;
    },
  };
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (error) {
    return nullWhenMissing(folder, error) ?? [];
  }
}

function read(path: string): TokenRecord | null {
  const text = readBoundedSync(path, { maxBytes: MAX_BYTES });
  if (text === null) return null;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
