import { createPublicKey, createVerify, generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";

const TOKEN_MS = 60 * 60_000;

/** The credentials GitHub knows: one token, and one App with its key and the tokens of its installations. */
export class Logins {
  readonly #now: () => number;
  readonly token = `ghp_${randomBytes(18).toString("hex")}`;
  readonly webhookSecret = randomBytes(16).toString("hex");
  readonly #minted = new Map<string, number>();
  #keys: { readonly pem: string; readonly verify: KeyObject } | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** PEM (PKCS#1), as GitHub hands it out. Made when it is first asked for. */
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

  /** No token of an installation is accepted any more. */
  revoke(): void {
    this.#minted.clear();
  }

  /** Who a request comes from; null when GitHub would answer 401. */
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
