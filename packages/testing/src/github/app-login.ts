import { createPublicKey, createVerify, generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";

const TOKEN_MS = 60 * 60_000;

/** Credentials that the stand-in accepts: one user token, and one App with its key and its installation tokens. */
export class Logins {
  readonly #now: () => number;
  readonly token = `ghp_${randomBytes(18).toString("hex")}`;
  readonly webhookSecret = randomBytes(16).toString("hex");
  readonly #minted = new Map<string, number>();
  #keys: { readonly pem: string; readonly verify: KeyObject } | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Private key of the App in PEM (PKCS#1), as GitHub issues it. Generated on first use. */
  get privateKey(): string {
    if (this.#keys === null) {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      this.#keys = { pem: privateKey.export({ type: "pkcs1", format: "pem" }).toString(), verify: createPublicKey(privateKey) };
    }
    return this.#keys.pem;
  }

  get tokensMinted(): number {
    return this.#minted.size;
  }

  mint(): { readonly token: string; readonly expiresAt: number } {
    const [token, expiresAt] = [`ghs_${randomBytes(18).toString("hex")}`, this.#now() + TOKEN_MS];
    this.#minted.set(token, expiresAt);
    return { token, expiresAt };
  }

  /** Revokes every installation token. */
  revoke(): void {
    this.#minted.clear();
  }

  /** Type of the credential in an `Authorization` header; null when GitHub would answer 401. */
  whoIs(authorization: string): "user" | "installation" | "app" | null {
    const [kind = "", value = ""] = authorization.split(" ");
    const secret = kind.toLowerCase() === "basic" ? (Buffer.from(value, "base64").toString("utf8").split(":")[1] ?? "") : value;
    if (secret === this.token) return "user";
    if ((this.#minted.get(secret) ?? 0) > this.#now()) return "installation";
    return this.#isSigned(secret) ? "app" : null;
  }

  #isSigned(token: string): boolean {
    const [header, payload, signature] = token.split(".");
    if (this.#keys === null || header === undefined || payload === undefined || signature === undefined) return false;
    const verify = createVerify("RSA-SHA256").update(`${header}.${payload}`);
    return verify.verify(this.#keys.verify, signature, "base64url");
  }
}
