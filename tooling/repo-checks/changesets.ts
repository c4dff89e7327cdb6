/** The release configuration: one fixed group that names every published package, public access, and changesets that parse. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { conclude, root, workspacePackages } from "./lib.ts";

interface Config {
  readonly fixed: readonly (readonly string[])[];
  readonly access: string;
}

const config = JSON.parse(readFileSync(path.join(root, ".changeset/config.json"), "utf8")) as Config;
const published = workspacePackages().filter(({ manifest }) => manifest.private !== true);
const problems: string[] = [];
if (config.access !== "public") problems.push("access must be public");
if (config.fixed.length !== 1) problems.push(`expected one fixed group, found ${config.fixed.length}`);
const group = new Set(config.fixed[0] ?? []);
for (const { manifest } of published) {
  if (!group.delete(manifest.name)) problems.push(`${manifest.name} is not in the fixed group`);
}
for (const stranger of group) problems.push(`${stranger} is in the fixed group, but is not a published package`);

// `changeset status` would judge the branch and a dirty work tree as well; here only the files count.
const BUMP = /^["']?([^"':]+)["']?: (?:major|minor|patch)$/;
const names = new Set(published.map(({ manifest }) => manifest.name));
const pending = readdirSync(path.join(root, ".changeset")).filter((file) => file.endsWith(".md") && file !== "README.md");
for (const file of pending) {
  const [, front, summary] = /^---\n([\s\S]*?)\n?---\n([\s\S]*)$/.exec(readFileSync(path.join(root, ".changeset", file), "utf8")) ?? [];
  if (front === undefined || summary === undefined) {
    problems.push(`.changeset/${file}: has no front matter`);
    continue;
  }
  if (summary.trim() === "") problems.push(`.changeset/${file}: says nothing`);
  for (const line of front.split("\n").filter((text) => text.trim() !== "")) {
    const name = BUMP.exec(line.trim())?.[1];
    if (name === undefined || !names.has(name)) problems.push(`.changeset/${file}: "${line}" is no bump of a published package`);
  }
}
conclude("changesets", published.length, "packages", problems);
