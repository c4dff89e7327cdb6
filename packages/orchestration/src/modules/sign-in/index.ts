import type { SignInConfiguration } from "@millrace/contracts";
import { LONGEST_WINDOW_MS } from "../../platform/attempt-limits.logic.js";
import { defineModule, type Module, type Sweep } from "../../platform/module.js";
import { createAuthenticate, type Authenticate } from "./authenticate.js";
import { ProvidersService } from "./providers-service.js";
import { SessionsService, type SignInCalls, type SignInPorts } from "./sessions-service.js";
import type { SignInSettings } from "./settings.logic.js";
import { cookieNames, KEPT_MS, type CookieNames } from "./sign-in.logic.js";
import { TokensService } from "./tokens-service.js";

/** How people and machines come in. */
export interface SignInService extends Pick<SignInCalls, "signUp"> {
  readonly configuration: SignInConfiguration;
  /** Names of the cookies in which a transport keeps the secrets that `sign-in.signIn` and `sign-in.startProvider` answer with. */
  readonly cookies: CookieNames;
  /** Who sends a request. A transport asks it for each. */
  readonly authenticate: Authenticate;
  readonly sessions: SessionsService;
  readonly providers: ProvidersService;
  readonly tokens: TokensService;
}

/** Sessions, tokens, and the ways to them: passwords and identity providers. */
export function signInModule(ports: SignInPorts, calls: SignInCalls, settings: SignInSettings): Module<SignInService> {
  const { store } = ports;
  const sessions = new SessionsService(ports, calls);
  const sweep = (name: string, deleteOver: (now: number, limit: number) => Promise<number>): Sweep => ({
    name: `sign-in.${name}`,
    run: deleteOver,
  });
  return defineModule({
    name: "sign-in",
    service: {
      configuration: configurationOf(ports, calls, settings),
      cookies: cookieNames(settings),
      authenticate: createAuthenticate(ports, calls, settings),
      signUp: calls.signUp,
      sessions,
      providers: new ProvidersService(ports, calls, settings, sessions),
      tokens: new TokensService(ports),
    },
    sweeps: [
      sweep("states", (now, limit) => store.signInStates.deleteExpired(now, limit)),
      sweep("attempts", (now, limit) => store.attempts.deleteOld(now - LONGEST_WINDOW_MS, limit)),
      sweep("sessions", (now, limit) => store.sessions.deleteOver(now - KEPT_MS, limit)),
      sweep("tokens", (now, limit) => store.apiTokens.deleteExpired(now - KEPT_MS, limit)),
    ],
  });
}

function configurationOf(
  { passwords, identityProviders = [] }: SignInPorts,
  { hasMail }: SignInCalls,
  { localPerson, admits }: SignInSettings,
): SignInConfiguration {
  return {
    access: localPerson === null ? "on" : "off",
    hasPasswords: localPerson === null && passwords !== undefined,
    providers: identityProviders.map(({ name, label }) => ({ name, label })),
    signUp: hasMail && admits.domains.length > 0 ? "open" : "invited",
    hasMail,
  };
}
