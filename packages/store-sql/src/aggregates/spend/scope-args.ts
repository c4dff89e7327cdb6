/** Scopes as numbered arguments of a statement. */
export type ScopeArgs = { [scope: `scope_${number}`]: string };

export function scopeArgs(scopes: readonly string[]): ScopeArgs {
  return Object.fromEntries(scopes.map((scope, index) => [`scope_${index}`, scope]));
}
