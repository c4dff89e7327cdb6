/** The release configuration: one fixed group that names every published package, public access, and changesets that parse. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { conclude, root, run, workspacePackages } from "./lib.ts";

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

// Against HEAD nothing has changed, so this fails only when the configuration or a changeset does not parse.
const status = run("changeset", ["status", "--since", "HEAD"]);
if (status.code !== 0) problems.push(`changeset status failed:\n${status.output}`);
conclude("changesets", published.length, "packages", problems);
