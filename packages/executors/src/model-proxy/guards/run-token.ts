import { digestText } from "@millrace/kernel";

const ID_BYTES = 6;
const SECRET_BYTES = 32;

/** A run token as its client has it, and the digest that the proxy keeps. */
export interface RunToken {
  readonly token: string;
  readonly digest: string;
}

/** A fresh `mrt_<id>_<secret>`; the secret has 256 random bits. */
export async function newRunToken(): Promise<RunToken> {
  const token = `mrt_${randomHex(ID_BYTES)}_${randomHex(SECRET_BYTES)}`;
  return { token, digest: await digestText(token) };
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
