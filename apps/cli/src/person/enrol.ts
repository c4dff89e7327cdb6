import type { Cradle } from "../wiring/container.js";
import { boardTokens, newToken, type TokenRecord } from "./board-tokens.js";
import { readTokenFile, writeTokenFile } from "./token-file.js";

const DAY_MS = 24 * 60 * 60_000;
/** Longest life of a token, in days, and its default. */
export const MAX_TOKEN_DAYS = 365;

export interface EnrolledToken extends TokenRecord {
  readonly file: string;
}

/**
 * Makes a new board take the token that this command names; null: it names none. A file that is not there gets a new token: the person who
 * makes a board needs no other proof for its first one.
 *
 * @throws MillraceError `invalid_credentials` for a file that cannot be used, `folder_unwritable`.
 */
export function enrol({ person, actor, clock }: Pick<Cradle, "person" | "actor" | "clock">, tokens: string): EnrolledToken | null {
  const { file } = person;
  if (file === null) return null;
  const known = readTokenFile(file);
  const token = known ?? newToken();
  if (known === null) writeTokenFile(file, token);
  const createdAt = clock.now();
  const about = { name: "made with the board", person: actor.id, createdAt, expiresAt: endOf(createdAt, MAX_TOKEN_DAYS) };
  return { ...boardTokens(tokens).add(token, about), file };
}

/** Time at which a token ends, in epoch ms. */
export function endOf(createdAt: number, days: number): number {
  return createdAt + days * DAY_MS;
}
