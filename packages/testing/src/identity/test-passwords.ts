import { digestText, type PasswordHasher } from "@millrace/kernel";

/** A hasher for tests: quick to compute, which is what no real one may be. */
export interface TestPasswords extends PasswordHasher {
  /** What cost time, each in its turn: a sign-in costs as many, whoever it is. A digest of another form is compared with nothing. */
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
      const [, made, salt = "", expected = ""] = /^test\$(\d+)\$(\d+)\$([0-9a-f]{64})$/.exec(stored) ?? [];
      if (made === undefined) return { matches: false, isOld: false };
      calls.push("verify");
      return { matches: (await digest(password, salt)) === expected, isOld: made !== String(version) };
    },
  };
}
