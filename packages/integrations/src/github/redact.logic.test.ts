import { describe, expect, it } from "vitest";
import { redactSecrets } from "./redact.logic.js";

describe("redaction", () => {
  it.each([
    "ghp_0123456789abcdefABCDEF",
    "ghs_0123456789abcdefABCDEF",
    "github_pat_11ABCDEFG_0123456789",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0NzExIn0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\ncut off",
  ])("takes %j out of a text", (secret) => {
    expect(redactSecrets(`before ${secret}`)).toBe("before ***");
  });

  it("takes out what it is told, and leaves the rest as it was", () => {
    expect(redactSecrets("the word s3cret and a ghost", ["s3cret", ""])).toBe("the word *** and a ghost");
  });
});
