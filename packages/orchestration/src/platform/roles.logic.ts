import { roleSchema, type Role } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";

/** Roles as they are stored: each once, the strongest first. */
export function rolesInOrder(roles: readonly Role[]): Role[] {
  return roleSchema.options.filter((role) => roles.includes(role));
}

/**
 * Reads roles that a caller names.
 * @throws MillraceError `validation` for one that is named twice.
 */
export function readRoles(roles: readonly Role[]): Role[] {
  const ordered = rolesInOrder(roles);
  if (ordered.length === roles.length) return ordered;
  throw new MillraceError("validation", "a role is named twice", { fix: "name each role once" });
}
