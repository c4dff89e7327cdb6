import { digestText } from "@millrace/kernel";

const BYTES = 32;

/** A run token as its client has it, and the digest that the proxy keeps. */
export interface RunToken {
  readonly token: string;
  readonly digest: string;
}

/** A fresh `mrt_...` of 256 random bits. */
export async function newRunToken(): Promise<RunToken> {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  const token = `mrt_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  return { token, digest: await digestText(token) };
}
