import { digestText, type PasswordHasher } from "@millrace/kernel";

/** A hasher for tests: quick to compute, which is what no real one may be. */
export interface TestPasswords extends PasswordHasher {
  /** Passwords that were hashed or compared, each in its turn: a sign-in costs as many, whoever it is. */
  readonly calls: readonly ("hash" | "verify")[];
}

/** Digests of the given version; those of another one are old. Default: 1. */
export function createTestPasswords(version = 1): TestPasswords {
  const calls: ("hash" | "verify")[] = [];
  const digest = (password: string, salt: string): Promise<string> => digestText(`${salt} ${password}`);
  return {
    calls,
    async hash(password) {
      calls.push("hash");
      const salt = String(calls.length);
      return `test$${version}$${salt}$${await digest(password, salt)}`;
    },
    async verify(password, stored) {
      calls.push("verify");
      const [, made = "", salt = "", expected = ""] = stored.split("$");
      return { matches: (await digest(password, salt)) === expected, isOld: made !== String(version) };
    },
  };
}
