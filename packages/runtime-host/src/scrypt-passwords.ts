/**
 * Passwords under scrypt (RFC 7914), which costs memory as well as time.
 *
 * 1. A digest names its parameters and its salt: `scrypt$15$8$3$<salt>$<hash>`, both in base64url. Raised parameters hold for new digests,
 *    and a known password is hashed anew when it is next typed.
 * 2. A digest that is damaged, or of parameters that would cost too much, matches nothing: the store is not trusted to say how much work
 *    this process does.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { PasswordHasher } from "@millrace/kernel";

/** What a digest costs. */
export interface ScryptParameters {
  /** Power of two of the iterations. Default 15. */
  readonly log2N: number;
  /** Size of a block. Default 8: with 2^15 iterations a digest takes 32 MiB. */
  readonly r: number;
  /** Passes, one after the other. Default 3: some 100 ms in all. */
  readonly p: number;
}

const DEFAULTS: ScryptParameters = { log2N: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** No digest is compared that needs more memory, in bytes. */
const MAX_MEMORY = 256 * 1024 * 1024;
const MAX_PASSES = 16;

/** A hasher of passwords, on the threads of libuv: the event loop goes on meanwhile. */
export function createScryptPasswords(parameters: ScryptParameters = DEFAULTS): PasswordHasher {
  const { log2N, r, p } = parameters;
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await derive(password, salt, parameters);
      return ["scrypt", log2N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
    },
    async verify(password, digest) {
      const read = readDigest(digest);
      if (read === null) return { matches: false, isOld: false };
      const hash = await derive(password, read.salt, read.parameters);
      const { log2N: oldN, r: oldR, p: oldP } = read.parameters;
      return { matches: timingSafeEqual(hash, read.hash), isOld: oldN !== log2N || oldR !== r || oldP !== p };
    },
  };
}

interface ReadDigest {
  readonly parameters: ScryptParameters;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

function readDigest(digest: string): ReadDigest | null {
  const [, log2N, r, p, salt = "", hash = ""] = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/.exec(digest) ?? [];
  const parameters = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const fits = parameters.log2N >= 1 && parameters.r >= 1 && parameters.p >= 1 && parameters.p <= MAX_PASSES;
  if (!fits || memoryOf(parameters) > MAX_MEMORY) return null;
  return { parameters, salt: Buffer.from(salt, "base64url"), hash: Buffer.from(hash, "base64url") };
}

function memoryOf({ log2N, r }: ScryptParameters): number {
  return 128 * r * 2 ** log2N;
}

function derive(password: string, salt: Buffer, parameters: ScryptParameters): Promise<Buffer> {
  const { log2N, r, p } = parameters;
  const options = { N: 2 ** log2N, r, p, maxmem: 2 * memoryOf(parameters) + 1024 * 1024 };
  // One spelling for what looks the same, whatever keyboard typed it.
  const text = password.normalize("NFKC");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
