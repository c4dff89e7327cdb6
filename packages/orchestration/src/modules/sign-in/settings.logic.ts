/** How people sign in to a host, as its configuration says. */
import { MillraceError, type IdentityProvider } from "@millrace/kernel";
import type { PublicUrl } from "../../platform/public-url.logic.js";

/** How people sign in to a host. */
export interface SignInOptions {
  /**
   * Name of the one person of a host where nobody signs in. It then answers only what comes from its own machine. Default: people sign in,
   * and what proves nothing gets nothing.
   */
  readonly localPerson?: string;
  /** Further origins of the host's own pages, `https://pages.example`. Default: that of `publicUrl` alone. */
  readonly origins?: readonly string[];
  /** Address under which the operations are served, to which providers send browsers back. Default: `publicUrl` and `/v1`. */
  readonly apiUrl?: string;
  /** Who may sign up or sign in for the first time without an invitation. Default: nobody. */
  readonly admits?: Partial<Admits>;
  /** Ids or proven addresses of the users who are operators of this host. Default: none. */
  readonly operators?: readonly string[];
}

/** Who is admitted without an invitation. */
export interface Admits {
  /** Domains of proven addresses: `example.com`. */
  readonly domains: readonly string[];
  /** Logins at a provider: `github:ada`. */
  readonly logins: readonly string[];
  /** Organisations at a provider: `github:acme`. */
  readonly organizations: readonly string[];
}

/** Those options, read. */
export interface SignInSettings {
  readonly localPerson: string | null;
  /** The first is that of `publicUrl`; empty: no browser has business here. */
  readonly origins: readonly string[];
  readonly apiUrl: string | null;
  readonly admits: Admits;
  readonly operators: ReadonlySet<string>;
}

const PROVIDER = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Reads the options. What does not fit together stops the start of a host: a way to sign in is never off in silence.
 * @throws MillraceError `config_invalid`.
 */
export function readSignIn(
  options: SignInOptions,
  { publicUrl, providers }: { readonly publicUrl: PublicUrl; readonly providers: readonly IdentityProvider[] },
): SignInSettings {
  const { localPerson = null, admits = {} } = options;
  const origins = [...(publicUrl === null ? [] : [publicUrl]), ...(options.origins ?? [])].map(originOf);
  const apiUrl = options.apiUrl ?? (publicUrl === null ? null : `${publicUrl}/v1`);
  if (providers.length > 0 && (apiUrl === null || origins.length === 0))
    throw invalid("providers send browsers back, and publicUrl does not say where to", "set publicUrl to the address of the pages");
  if (localPerson !== null && providers.length > 0)
    throw invalid("localPerson says that nobody signs in, and there are providers to sign in with", "leave one of both out");
  const names = providers.map(({ name }) => name);
  for (const [index, name] of names.entries())
    if (!PROVIDER.test(name) || name === "password" || names.indexOf(name) !== index)
      throw invalid(
        `'${name}' is no name of a provider, or that of two`,
        "give each provider a lower-case name of its own, not `password`",
      );
  return {
    localPerson,
    origins: [...new Set(origins)],
    apiUrl: apiUrl === null ? null : apiUrl.replace(/\/$/, ""),
    admits: {
      domains: lower(admits.domains),
      logins: lower(admits.logins),
      organizations: lower(admits.organizations),
    },
    operators: new Set(lower(options.operators)),
  };
}

const lower = (texts: readonly string[] = []): readonly string[] => texts.map((text) => text.trim().toLowerCase());

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid(`'${text}' is no origin`, "write https:// and the name of the host");
  return url.origin;
}

function invalid(what: string, fix: string): MillraceError {
  return new MillraceError("config_invalid", what, { fix });
}
