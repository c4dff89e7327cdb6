import { digestText, MillraceError, proofInvalid, type IdentityProvider, type ProviderProfile } from "@millrace/kernel";

/** A provider in this process, and the people it knows. */
export interface StandInProvider extends IdentityProvider {
  /** A person signs in there: what the browser comes back with. */
  signIn(
    url: string,
    profile: Partial<ProviderProfile> & Pick<ProviderProfile, "subject">,
  ): Promise<{ readonly state: string; readonly code: string }>;
  /** The next call fails as when the provider is out of order. */
  breakOnce(): void;
}

/** An identity provider for tests. It gives codes that are good for once, and holds the browser to nonce, PKCE and the way back. */
export function createStandInProvider(name = "github"): StandInProvider {
  const codes = new Map<string, { readonly url: URL; readonly profile: ProviderProfile }>();
  let isBroken = false;
  const answer = (): void => {
    if (!isBroken) return;
    isBroken = false;
    throw new MillraceError("upstream_failed", `the provider ${name} does not answer`);
  };
  return {
    name,
    label: name,
    breakOnce() {
      isBroken = true;
    },
    async authorizationUrl({ state, nonce, verifier, redirectUri, isFresh }) {
      answer();
      const url = new URL(`https://${name}.example/authorize`);
      const challenge = await digestText(verifier);
      for (const [key, value] of Object.entries({ state, nonce, challenge, redirect_uri: redirectUri, prompt: isFresh ? "login" : "none" }))
        url.searchParams.set(key, value);
      return url.href;
    },
    async signIn(text, profile) {
      const url = new URL(text);
      const code = `code_${codes.size + 1}`;
      const nobody = { login: null, email: null, isEmailVerified: false, name: null, avatarUrl: null, organizations: [] };
      codes.set(code, { url, profile: { ...nobody, ...profile } });
      return { state: url.searchParams.get("state") ?? "", code };
    },
    async profileOf({ state, nonce, verifier, redirectUri, parameters }) {
      answer();
      const { code = "" } = parameters;
      const given = codes.get(code);
      codes.delete(code);
      const expected = { state, nonce, challenge: await digestText(verifier), redirect_uri: redirectUri };
      if (given === undefined) throw proofInvalid();
      for (const [key, value] of Object.entries(expected)) if (given.url.searchParams.get(key) !== value) throw proofInvalid();
      return given.profile;
    },
  };
}
