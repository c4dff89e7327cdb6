/**
 * The proof that a person wants what a command does. A name proves nothing: an agent runs as the same operating-system user.
 *
 * Owns: asking at the controlling terminal, reading the named token, and the check that the engine asks. Does not own: which deeds need a
 * proof (the engine).
 * 1. The terminal is `/dev/tty`, never standard input: a process in a sandbox, or without a session at a terminal, has none.
 * 2. A token is used only when it is named. One that is taken from a known place would act for any process of the user.
 * 3. What an answer at the terminal proves ends with this process.
 */
import { randomBytes } from "node:crypto";
import { isMillraceError, MillraceError, type Clock, type PersonCheck } from "@millrace/kernel";
import type { Io } from "../io.js";
import { harmless } from "../output/format.logic.js";
import type { BoardTokens } from "./board-tokens.js";
import { parseToken, tokenText, type Token } from "./token.js";
import { readTokenFile, TOKEN_VARIABLE } from "./token-file.js";

/** What a person is asked at the terminal. */
export interface Challenge {
  /** The deed as a command would say it, with its object: `approve 'Discounts' (blk_1), digest 4c1f9a02`. */
  readonly what: string;
  /** What the person judges, shown above the question. Default: nothing. */
  readonly shown?: readonly string[];
  /** The person must have seen it: a token alone does not do. Default: false. */
  readonly mustSee?: boolean;
}

/** `none`: there is nothing to prove it with; the engine refuses and tells people. `declined`: the person said no. */
export type Credential = { readonly is: "given"; readonly credential: string } | { readonly is: "none" | "declined" };

export interface Person {
  /** Path of the file that names the token; null: none is named. */
  readonly file: string | null;
  /** Whose the named token is; null without one that the board takes. */
  owner(): string | null;
  /**
   * What proves the person: the named token, else an answer at the terminal.
   *
   * @throws MillraceError `invalid_credentials` for a token file that cannot be used; `validation` where the person must see and there is no
   * terminal.
   */
  credential(challenge: Challenge): Promise<Credential>;
  readonly check: PersonCheck;
  /** The check of another board than that of the current folder. */
  checkOf(tokens: BoardTokens): PersonCheck;
}

export interface PersonParts {
  readonly io: Pick<Io, "env" | "openTerminal">;
  readonly clock: Clock;
  /** Path of the named token; null: none is named. */
  readonly tokenFile: string | null;
  /** The person is an agent: it is asked nothing, and refused. */
  readonly isAgent: () => boolean;
  /** @throws MillraceError where there is no board. */
  readonly tokens: () => BoardTokens;
}

export function createPerson({ io, clock, tokenFile, isAgent, tokens }: PersonParts): Person {
  const atTerminal = randomBytes(32).toString("base64url");
  const checkOf = (known: () => BoardTokens): PersonCheck => ({
    async prove({ person, credential }) {
      if (credential === null) throw unproven();
      if (credential === atTerminal) return "terminal";
      const given = parseToken(credential);
      const record = given === null ? null : known().find(given);
      if (record === null) throw invalid("this board does not take that token", "make one for it, at a terminal: millrace token create");
      const name = `mr_${record.id}`;
      if (record.expiresAt <= clock.now()) throw invalid(`the token '${name}' has expired`, "make a new one: millrace token create");
      if (record.person !== person)
        throw invalid(`the token '${name}' is of '${record.person}', not of '${person}'`, "leave --as out, or name a token of that person");
      return `token ${name}`;
    },
  });
  const token = (): Token | null => (tokenFile === null ? null : requireToken(tokenFile));
  return {
    file: tokenFile,
    owner() {
      try {
        const named = token();
        return named === null ? null : (tokens().find(named)?.person ?? null);
      } catch (error) {
        // Looking at a board needs no token; a deed says what is wrong with it.
        if (isMillraceError(error)) return null;
        throw error;
      }
    },
    async credential({ what, shown = [], mustSee = false }) {
      if (isAgent()) return { is: "none" };
      const named = mustSee ? null : token();
      if (named !== null) return { is: "given", credential: tokenText(named) };
      const terminal = io.openTerminal();
      if (terminal === null) {
        if (mustSee) throw mustBeSeen();
        return { is: "none" };
      }
      try {
        for (const line of shown) terminal.write(`${harmless(line)}\n`);
        const said = await terminal.ask(`millrace: ${harmless(what)}\nType yes to do it: `);
        return said.trim().toLowerCase() === "yes" ? { is: "given", credential: atTerminal } : { is: "declined" };
      } finally {
        terminal.close();
      }
    },
    check: checkOf(tokens),
    checkOf: (other) => checkOf(() => other),
  };
}

/** @throws MillraceError `invalid_credentials`. */
function requireToken(path: string): Token {
  const token = readTokenFile(path);
  if (token === null) throw invalid(`the token file '${path}' is not there`, "make one with: millrace token create");
  return token;
}

function invalid(message: string, fix: string): MillraceError {
  return new MillraceError("invalid_credentials", message, { fix });
}

function unproven(): MillraceError {
  return new MillraceError(
    "unauthenticated",
    "nothing proves that a person wants this: there is no terminal to ask at, and no token is named",
    {
      fix: `do it in a terminal of your own, or name your token with --token-file or ${TOKEN_VARIABLE} (millrace token create)`,
    },
  );
}

function mustBeSeen(): MillraceError {
  return new MillraceError("validation", "accepting needs the digest of what you saw: there is no terminal to ask at", {
    fix: "look at it with 'millrace show', then give --digest",
  });
}
