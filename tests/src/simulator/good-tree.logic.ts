import type { Tree } from "@millrace/testing";

/** Oracle: the tests of a tree fail on bad content, and on a feature where a rule forbids features. */
export function isGood(tree: Tree): boolean {
  const forbids = tree["rule"] === "no features";
  return Object.entries(tree).every(([path, text]) => !text.startsWith("bad") && !(forbids && path.startsWith("feature")));
}
