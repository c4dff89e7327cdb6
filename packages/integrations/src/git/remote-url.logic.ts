import { MillraceError } from "@millrace/kernel";

/** Transports that a remote may use. Others are refused: remote helpers such as `ext::` run arbitrary programs. */
export type GitProtocol = "file" | "http" | "https" | "ssh";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The transport of a remote: an absolute path, `file:`, `https:`, `ssh:`, `user@host:path`, or `http:` on loopback.
 * @throws MillraceError `config_invalid` for any other address.
 */
export function protocolOf(url: string): GitProtocol {
  if (url.startsWith("/")) return "file";
  const parsed = URL.canParse(url) && url.includes("://") ? new URL(url) : null;
  if (parsed?.protocol === "file:") return "file";
  if (parsed?.protocol === "https:") return "https";
  if (parsed?.protocol === "ssh:") return "ssh";
  if (parsed?.protocol === "http:" && LOOPBACK.has(parsed.hostname)) return "http";
  if (parsed === null && /^[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:(?!:)/.test(url)) return "ssh";
  throw new MillraceError("config_invalid", `'${redactUrls(url)}' is not a repository address Millrace uses`, {
    fix: "Use an absolute path, an https:// or an ssh:// address.",
  });
}

/** The folder of a local remote; null for a remote over a network. */
export function localPathOf(url: string): string | null {
  if (url.startsWith("/")) return url;
  return protocolOf(url) === "file" ? decodeURIComponent(new URL(url).pathname) : null;
}

/** A command whose credentials are in its environment, because other users can read command lines. */
export interface CommandWithCredentials {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Moves credentials of URL arguments to the environment, as a setting that makes git send them to that URL only. */
export function moveCredentialsToEnvironment(args: readonly string[]): CommandWithCredentials {
  const settings: (readonly [string, string])[] = [];
  const argv = args.map((arg) => {
    const url = /^https?:\/\/[^/]*@/.test(arg) && URL.canParse(arg) ? new URL(arg) : null;
    if (url === null) return arg;
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    url.username = "";
    url.password = "";
    settings.push([`http.${url.href}.extraHeader`, `Authorization: Basic ${Buffer.from(login).toString("base64")}`]);
    return url.href;
  });
  if (settings.length === 0) return { argv, env: {} };
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${String(index)}`, key],
    [`GIT_CONFIG_VALUE_${String(index)}`, value],
  ]);
  return { argv, env: { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(numbered) } };
}

/** Replaces user names, passwords and query strings with `***` in every address of a text. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]*@/gi, "$1***@").replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi, "$1?***");
}
