import { MillraceError, type Mailer } from "@millrace/kernel";

/** Address of the pages that people open from a link, without a slash at its end; null: the host has none, and no links. */
export type PublicUrl = string | null;

/**
 * Reads the option `publicUrl`.
 * @throws MillraceError `config_invalid` for a text that is no such address, and where mails are sent whose links would lead nowhere.
 */
export function readPublicUrl(text: string | undefined, { isOn }: Pick<Mailer, "isOn">): PublicUrl {
  if (text === undefined) {
    if (isOn) throw refused("mails carry links, and publicUrl does not say where they lead");
    return null;
  }
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "")
    throw refused(`publicUrl is no address of pages: '${text}'`);
  return url.href.replace(/\/$/, "");
}

/** The link to a page with a secret that is good for one thing; null without an address. */
export function linkWith(publicUrl: PublicUrl, page: string, token: string): string | null {
  return publicUrl === null ? null : `${publicUrl}/${page}?token=${encodeURIComponent(token)}`;
}

function refused(what: string): MillraceError {
  return new MillraceError("config_invalid", what, { fix: "set publicUrl to the http or https address of the pages, without a query" });
}
