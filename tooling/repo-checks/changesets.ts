/**
 * `pnpm changeset:check`: every pending changeset parses, says something, and names published packages only. `changeset status` would
 * judge the branch and a dirty work tree as well, and needs the base branch, which a shallow clone lacks.
 */
import { readChangesets } from "@changesets/read";
import { conclude, publishedPackages, root } from "./lib.ts";

const published = new Set(publishedPackages().map(({ manifest }) => manifest.name));
const changesets = await readChangesets(root);
const problems = changesets.flatMap(({ id, summary, releases }) => [
  ...(summary.trim() === "" ? [`${id}: says nothing`] : []),
  ...(releases.length === 0 ? [`${id}: names no package`] : []),
  ...releases.filter(({ name }) => !published.has(name)).map(({ name }) => `${id}: ${name} is no published package`),
]);
if (changesets.length === 0) console.log("changesets: none is pending");
else conclude("changesets", changesets.length, "changesets", problems);
