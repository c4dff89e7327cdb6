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

/** Takes user names, passwords and query strings out of every address in a text. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]*@/gi, "$1***@").replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi, "$1?***");
}
