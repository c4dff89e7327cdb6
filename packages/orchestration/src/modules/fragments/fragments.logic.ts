import type { eventsOfFragmentDefaults, eventsOfFragments, Fragment, UpdateFragment } from "@millrace/contracts";
import { match } from "ts-pattern";
import type { z } from "zod";

type FragmentEvent = z.infer<(typeof eventsOfFragments)[number] | (typeof eventsOfFragmentDefaults)[number]>;

/** Fragments of an account or workspace at most. */
export const MAX_FRAGMENTS = 500;

const MAX_ID = 64;

/** An id out of a title: its words in lower case, joined by -. Null: it has none that an id may have. */
export function slugOf(title: string): string | null {
  const words =
    title
      .normalize("NFKD")
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const slug = words.join("-").slice(0, MAX_ID).replace(/-+$/, "");
  return slug === "" ? null : slug;
}

/** Names of the members that a change changes. */
export function changedFields(fragment: Fragment, change: UpdateFragment): readonly string[] {
  return (Object.keys(change) as (keyof UpdateFragment)[]).filter(
    (name) => change[name] !== undefined && JSON.stringify(change[name]) !== JSON.stringify(fragment[name]),
  );
}

/** What happened to a fragment, as one line. */
export function describeFragmentEvent(event: FragmentEvent): string {
  return match(event)
    .with({ type: "fragment-created" }, ({ fragmentId }) => `fragment ${fragmentId} added`)
    .with(
      { type: "fragment-changed" },
      ({ fragmentId, version, fields }) => `fragment ${fragmentId} changed to version ${version}: ${fields.join(", ")}`,
    )
    .with({ type: "fragment-hidden" }, ({ fragmentId, hidden }) => `fragment ${fragmentId} ${hidden ? "hidden" : "shown again"}`)
    .with({ type: "fragment-removed" }, ({ fragmentId }) => `fragment ${fragmentId} removed`)
    .with({ type: "fragment-defaults-changed" }, ({ after }) => `new services get the fragments ${after.join(", ") || "of none"}`)
    .exhaustive();
}
