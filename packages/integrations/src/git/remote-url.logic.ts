import { MillraceError } from "@millrace/kernel";

/** Transports a remote may use. `ext::` and friends run any program and are refused. */
export type GitProtocol = "file" | "http" | "https" | "ssh";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The transport of a remote: an absolute path, `file:`, `https:`, `ssh:`, `user@host:path`, or `http:` on loopback.
 * @throws MillraceError `config_invalid` for anything else.
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

/** The folder behind a local remote; null when it is reached over a network. */
export function localPathOf(url: string): string | null {
  if (url.startsWith("/")) return url;
  return protocolOf(url) === "file" ? decodeURIComponent(new URL(url).pathname) : null;
}

/** The address as a clone may keep it: agents work there, and a credential in it would be theirs. The user of `ssh` is no secret. */
export function withoutCredential(url: string): string {
  const protocol = protocolOf(url);
  if (protocol !== "http" && protocol !== "https") return url;
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  bare.search = "";
  return bare.href;
}

/** A command line that any process may read, and what git is told in its environment instead. */
export interface QuietCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Takes the credentials out of the addresses in a command's arguments: git sends them in a header, to that address only. */
export function withQuietCredentials(args: readonly string[]): QuietCommand {
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

/** Takes user names, passwords and query strings out of every address in a text. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]*@/gi, "$1***@").replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi, "$1?***");
}
