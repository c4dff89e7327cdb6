/** `pnpm layers`: dependency-cruiser over the sources of every package, then every package.json against the layer table. */
import { existsSync } from "node:fs";
import path from "node:path";
import { cruiseLayers } from "./cruise.ts";
import { KNOWN_VIOLATIONS, LAYERS, TEST_TOOLS } from "./layer-rules.ts";
import { fail, root, workspacePackages } from "./lib.ts";

/** A compiler that dependency-cruiser cannot use makes it read nothing, and pass. */
const FEWEST_MODULES = 300;

const { modules, dependencies, rules, violations, cycles } = await cruiseLayers(
  root,
  ["packages", "apps", "tests"].filter((folder) => existsSync(path.join(root, folder))),
);
const known = violations.filter((line) => KNOWN_VIOLATIONS.includes(line));
const problems = [
  ...violations.filter((line) => !KNOWN_VIOLATIONS.includes(line)),
  ...KNOWN_VIOLATIONS.filter((line) => !known.includes(line)).map((line) => `no longer there, take it out of KNOWN_VIOLATIONS: ${line}`),
  ...manifestProblems(),
];
if (modules <= FEWEST_MODULES) problems.push(`dependency-cruiser read ${modules} modules, expected more than ${FEWEST_MODULES}`);
const found = `${violations.length} violations${known.length > 0 ? ` (${known.length} known)` : ""}, ${cycles} cycles`;
console.log(`layers: ${modules} modules, ${dependencies} dependencies, ${rules} rules, ${found}`);
if (problems.length > 0) fail(problems);

/** Every dependency of a package.json is allowed by the table, and every package of the table exists. */
function manifestProblems(): string[] {
  const found: string[] = [];
  const packages = workspacePackages();
  for (const known of Object.keys(LAYERS)) {
    if (known !== "tests" && !packages.some(({ name }) => name === known))
      found.push(`${known}: is in the layer table, but there is no such package`);
  }
  for (const { name, manifest } of packages) {
    const layer = LAYERS[name];
    if (layer === undefined) {
      found.push(`${name}: is not in the layer table (tooling/repo-checks/layer-rules.ts)`);
      continue;
    }
    if (manifest.name !== `@millrace/${name}`) found.push(`${name}: is named ${manifest.name}, expected @millrace/${name}`);
    const scoped = (names: readonly string[] = []): string[] => names.map((one) => `@millrace/${one}`);
    const { external, peers = [], testLibraries = [] } = layer;
    const shipped = [...scoped(layer.workspace), ...external];
    const forTests = [...shipped, ...scoped(layer.tests), ...peers, ...TEST_TOOLS, ...testLibraries];
    const listed = { dependencies: shipped, peerDependencies: peers, devDependencies: forTests } as const;
    for (const [group, allowed] of Object.entries(listed) as [keyof typeof listed, readonly string[]][]) {
      const refused = Object.keys(manifest[group] ?? {}).filter((dependency) => !allowed.includes(dependency));
      found.push(...refused.map((dependency) => `${name}: its layer does not allow ${dependency} among its ${group}`));
    }
  }
  return found;
}
