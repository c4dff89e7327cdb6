/** A change with its tag, for each of `Tag`. */
export type TaggedChange<Payloads, Tag extends keyof Payloads = keyof Payloads> = {
  [Each in Tag]: { readonly change: Each } & Payloads[Each];
}[Tag];

/** A list of changes of one scope. A list that mixes scopes is none of the members. */
export type OneScope<ByScope> = { [Scope in keyof ByScope]: readonly TaggedChange<ByScope[Scope]>[] }[keyof ByScope];
