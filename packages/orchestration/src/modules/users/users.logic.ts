/** Rules about users, as pure functions. */
import type { UpdateMe, User } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";

/**
 * The user after a change of the profile, and the fields that it changed.
 * @throws MillraceError `validation` for a time zone that nobody knows.
 */
export function changedProfile(user: User, input: UpdateMe): { readonly user: User; readonly fields: readonly string[] } {
  const { name = user.name, avatarUrl = user.avatarUrl, timezone = user.timezone } = input;
  if (timezone !== null && !isTimeZone(timezone))
    throw new MillraceError("validation", `'${timezone.slice(0, 100)}' is no time zone`, {
      fix: "give an IANA name such as Europe/Berlin",
    });
  const fields = (["name", "avatarUrl", "timezone"] as const).filter((field) => ({ name, avatarUrl, timezone })[field] !== user[field]);
  return fields.length === 0 ? { user, fields } : { user: { ...user, name, avatarUrl, timezone, revision: user.revision + 1 }, fields };
}

/** Offsets such as `+02:00` are known to every host, yet know no summer: only names are time zones. */
function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/**
 * Refuses a password that everybody would try first.
 * @throws MillraceError `validation`.
 */
export function requireGoodPassword(password: string, { name, email }: Pick<User, "name" | "email">): void {
  const text = password.trim().toLowerCase();
  if (text !== name.toLowerCase() && text !== email) return;
  throw new MillraceError("validation", "the password is the name or the address of the user", { fix: "choose another one" });
}
