import { builtInFragments } from "@millrace/agents";
import { fragmentSchema, type Fragment, type FragmentInput } from "@millrace/contracts";

/** The built-in fragments and those that a host registers, by id; one of the host's replaces the built-in one of its id. */
export function fragmentPool(registered: readonly FragmentInput[] = []): readonly Fragment[] {
  const byId = new Map([...builtInFragments, ...registered.map((input) => fragmentSchema.parse(input))].map((each) => [each.id, each]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
