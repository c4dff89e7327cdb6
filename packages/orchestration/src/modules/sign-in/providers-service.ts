/**
 * Signing in with a provider: a browser leaves with a state, and comes back with an answer.
 *
 * 1. The state is stored as a digest, holds for 10 minutes, for one provider, one purpose, one browser and once. It is used up before the
 *    provider is asked, whatever comes of it.
 * 2. Nonce and PKCE verifier are made from the state and the secret of the browser: neither lies in the store.
 * 3. No secret is in an address: the session that begins goes into a cookie.
 */
import type { User } from "@millrace/contracts";
import {
  digestText as webDigest,
  isMillraceError,
  MillraceError,
  proofInvalid,
  userKeptOut,
  type IdentityProvider,
  type ProviderProfile,
  type SignInBinding,
  type SignInState,
} from "@millrace/kernel";
import { again } from "../../platform/again.js";
import { countAttempt, placeOfSource } from "../../platform/attempt-limits.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { Caller } from "../../platform/operations/caller.js";
import { provenEmail } from "../../platform/proven-email.logic.js";
import { secretToken } from "../../platform/secret-token.js";
import {
  confirmSession,
  requireSession,
  type SessionsService,
  type SignInCalls,
  type SignInPorts,
  type StartedSession,
} from "./sessions-service.js";
import type { SignInSettings } from "./settings.logic.js";
import { admitsProfile, isSameDigest, redirectWithin, STATE_MS } from "./sign-in.logic.js";

/** What a browser comes back with. */
export interface ProviderReturn {
  readonly provider: string;
  readonly state: string;
  readonly [parameter: string]: string | undefined;
}

/** Sign-ins through the identity providers of the host. */
export class ProvidersService {
  readonly #ports: SignInPorts;
  readonly #calls: SignInCalls;
  readonly #settings: SignInSettings;
  readonly #sessions: SessionsService;

  constructor(ports: SignInPorts, calls: SignInCalls, settings: SignInSettings, sessions: SessionsService) {
    this.#ports = ports;
    this.#calls = calls;
    this.#settings = settings;
    this.#sessions = sessions;
  }

  /**
   * Sends a browser to a provider. `browser` is the secret that it has to bring back.
   * @throws MillraceError `not_configured`, `validation`, `rate_limited`, `upstream_failed`, `upstream_refused`, `forbidden`.
   */
  async start(
    caller: Caller,
    purpose: SignInState["purpose"],
    request: { readonly provider: string; readonly redirect?: string | undefined; readonly invitation?: string | undefined },
  ): Promise<{ readonly url: string; readonly browser: string }> {
    const { store, clock, ids } = this.#ports;
    const provider = this.#provider(request.provider);
    const redirect = redirectWithin(request.redirect, this.#settings.origins);
    const bound = purpose === "sign-in" ? null : { userId: caller.actor.id, sessionId: requireSession(caller) };
    const at = clock.now();
    const { invitation } = request;
    const invited = invitation === undefined ? null : await this.#calls.findInvitation(invitation);
    const state = secretToken();
    const browser = isSecret(caller.browser) ? caller.browser : secretToken();
    const binding = await this.#binding(provider, state, browser);
    const url = await provider.authorizationUrl({ ...binding, state, isFresh: purpose === "confirm" });
    await store.commit([
      countAttempt("public", [placeOfSource(caller.source)], at),
      {
        change: "insert-sign-in-state",
        state: {
          id: ids.next("sis"),
          digest: await this.#digest(state),
          browser: await this.#digest(browser),
          purpose,
          provider: provider.name,
          userId: bound?.userId ?? null,
          sessionId: bound?.sessionId ?? null,
          redirect,
          invitation: invited,
          expiresAt: at + STATE_MS,
        },
      },
    ]);
    return { url, browser };
  }

  /**
   * Takes a browser back.
   * @throws MillraceError `sign_in_refused`, `proof_invalid`, `already_exists`, `not_configured`, `upstream_failed`, `upstream_refused`.
   */
  async finish(caller: Caller, returned: ProviderReturn): Promise<{ readonly started: StartedSession | null; readonly redirect: string }> {
    const provider = this.#provider(returned.provider);
    try {
      const state = await this.#takeState(caller, returned);
      const profile = await this.#profile(provider, caller, returned);
      return { started: await this.#admit(caller, provider.name, profile, state), redirect: state.redirect };
    } catch (error) {
      if (isMillraceError(error, "sign_in_refused") || isMillraceError(error, "proof_invalid"))
        await this.#sessions.refused(caller, provider.name, error.code);
      throw error;
    }
  }

  async #admit(caller: Caller, provider: string, profile: ProviderProfile, state: SignInState): Promise<StartedSession | null> {
    const { purpose, userId, sessionId } = state;
    if (purpose === "sign-in") return this.#signIn(caller, provider, profile, state);
    if (userId === null || sessionId === null || caller.session !== sessionId) throw proofInvalid();
    if (purpose === "link") await this.#link(userId, provider, profile);
    else await this.#confirm(userId, sessionId, provider, profile);
    return null;
  }

  /** Decided anew where another sign-in of the same person won: this one finds what that one made. */
  #signIn(caller: Caller, provider: string, profile: ProviderProfile, { invitation }: SignInState): Promise<StartedSession> {
    const { store, clock } = this.#ports;
    return again(async () => {
      const at = clock.now();
      const { is, user, changes } = await this.#calls.resolveSignIn(provider, profile, at);
      if (user.disabledAt !== null) throw userKeptOut();
      const accepted = await this.#accept(invitation, user, at);
      const isInvited = accepted.length > 0 && user.email === provenEmail(profile);
      if (is === "new" && !isInvited && !admitsProfile(provider, profile, this.#settings)) throw notAdmitted();
      const { started, insert } = await this.#sessions.begin(caller, user, provider);
      await store.commit([...changes, ...accepted, ...insert]);
      return started;
    });
  }

  async #link(userId: string, provider: string, profile: ProviderProfile): Promise<void> {
    const { store, clock } = this.#ports;
    const known = await store.users.byIdentity(provider, profile.subject);
    if (known?.user.id === userId) return;
    const by = { at: clock.now(), actor: { type: "human", id: userId } } as const;
    await store.commit(this.#calls.linkIdentity(userId, provider, profile, by));
  }

  async #confirm(userId: string, sessionId: string, provider: string, profile: ProviderProfile): Promise<void> {
    const { store, clock } = this.#ports;
    const known = await store.users.byIdentity(provider, profile.subject);
    if (known?.user.id !== userId) throw proofInvalid();
    await store.commit(confirmSession(userId, sessionId, provider, clock.now()));
  }

  /** Nothing where the invitation is not good for this person, or not any more: that stops no sign-in. */
  async #accept(invitation: string | null, user: User, at: number): Promise<readonly HostChange[]> {
    if (invitation === null) return [];
    try {
      return await this.#calls.acceptInvitation(invitation, user, { at, actor: { type: "human", id: user.id } });
    } catch (error) {
      const codes = ["invitation_closed", "email_mismatch", "email_unverified", "not_found"] as const;
      if (codes.some((code) => isMillraceError(error, code))) return [];
      throw error;
    }
  }

  /** Unknown, used, expired, and of another browser or provider read alike. */
  async #takeState(caller: Caller, { state: secret, provider }: ProviderReturn): Promise<SignInState> {
    const { store, clock } = this.#ports;
    const state = await store.signInStates.byDigest(await this.#digest(secret));
    const browser = await this.#digest(caller.browser ?? "");
    if (state === null || state.expiresAt <= clock.now() || state.provider !== provider || !isSameDigest(state.browser, browser))
      throw proofInvalid();
    await store.commit([{ change: "take-sign-in-state", stateId: state.id }]);
    return state;
  }

  async #profile(provider: IdentityProvider, caller: Caller, { provider: _, ...returned }: ProviderReturn): Promise<ProviderProfile> {
    const binding = await this.#binding(provider, returned.state, caller.browser ?? "");
    const parameters = Object.fromEntries(Object.entries(returned).filter((each): each is [string, string] => each[1] !== undefined));
    if (parameters["error"] !== undefined || parameters["code"] === undefined) throw proofInvalid();
    return provider.profileOf({ ...binding, state: returned.state, parameters });
  }

  async #binding(provider: IdentityProvider, state: string, browser: string): Promise<SignInBinding> {
    return {
      nonce: await this.#digest(`nonce ${state} ${browser}`),
      verifier: await this.#digest(`verifier ${state} ${browser}`),
      redirectUri: `${this.#settings.apiUrl ?? ""}/auth/${provider.name}/callback`,
    };
  }

  #provider(name: string): IdentityProvider {
    const found = this.#ports.identityProviders?.find((provider) => provider.name === name);
    if (found !== undefined) return found;
    throw new MillraceError("not_configured", `nobody signs in to this host with '${name}'`, {
      fix: "use another way to sign in, or give the host that provider in the port `identityProviders`",
    });
  }

  #digest(text: string): Promise<string> {
    return Promise.resolve((this.#ports.digestText ?? webDigest)(text));
  }
}

function isSecret(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text);
}

function notAdmitted(): MillraceError {
  return new MillraceError("sign_in_refused", "this person may not sign in here", {
    fix: "ask for an invitation to the address that the provider has verified",
  });
}
