/**
 * The engine as an npm user gets it: tarballs into an empty project outside the workspace. Fails when the engine alone brings
 * anything that is not listed here, when the example does not compile against the installed declarations, or does not merge.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { conclude, root, run } from "./lib.ts";

const ENGINE = ["contracts", "kernel", "agents", "orchestration"];
/** All that an embedder of the engine gets: no model SDK, no HTTP framework, no database driver. */
const ALLOWED = [...ENGINE.map((name) => `@millrace/${name}`), "zod", "ts-pattern", "nanoid"].toSorted();

const problems: string[] = [];
let looked = 0;
const folder = mkdtempSync(path.join(tmpdir(), "millrace-embed-"));
try {
  const tarballs = new Map([...ENGINE, "testing"].map((name) => [name, pack(name)]));
  const engine = install("engine", ENGINE, tarballs);
  if (engine.names.join() !== ALLOWED.join()) problems.push(`the engine brings ${engine.names.join(", ")}; expected ${ALLOWED.join(", ")}`);
  const example = install("example", [...ENGINE, "testing"], tarballs);
  runExample(example.project);
  console.log(`engine alone: ${engine.names.length} packages, ${engine.bytes} bytes (${engine.names.join(", ")})`);
  console.log(`example: ${example.names.length} packages, ${example.bytes} bytes`);
  looked = engine.names.length + example.names.length;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
conclude("embed", looked, "installed packages", problems);

function pack(name: string): string {
  const destination = path.join(folder, "tarballs", name);
  mkdirSync(destination, { recursive: true });
  must(`packing ${name}`, run("pnpm", ["pack", "--pack-destination", destination], { cwd: path.join(root, "packages", name) }));
  const [tarball] = readdirSync(destination);
  if (tarball === undefined) throw new Error(`packing ${name} left no tarball`);
  return path.join(destination, tarball);
}

interface Installed {
  readonly project: string;
  readonly names: readonly string[];
  readonly bytes: number;
}

/** `npm install` of these tarballs and nothing else. */
function install(name: string, packages: readonly string[], tarballs: ReadonlyMap<string, string>): Installed {
  const project = path.join(folder, name);
  mkdirSync(project);
  const dependencies = Object.fromEntries(packages.map((one) => [`@millrace/${one}`, `file:${tarballs.get(one) ?? ""}`]));
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "embedder", private: true, type: "module", dependencies }));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  must(`npm install of ${name}`, run("npm", ["install", ...flags], { cwd: project }));
  const modules = path.join(project, "node_modules");
  const names = packageNames(modules);
  if (names.length === 0) throw new Error("npm installed nothing");
  return { project, names, bytes: bytesOf(modules) };
}

/** Nested copies too: a second zod would count as one more. */
function packageNames(modules: string): string[] {
  return readdirSync(modules, { recursive: true, encoding: "utf8" })
    .filter((file) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file))
    .map((file) => path.dirname(file).replace(/^.*node_modules\//, ""))
    .filter((name) => !name.startsWith("@") || name.includes("/"))
    .toSorted();
}

function bytesOf(directory: string): number {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((file) => statSync(path.join(directory, file)))
    .filter((stats) => stats.isFile())
    .reduce((sum, stats) => sum + stats.size, 0);
}

function runExample(project: string): void {
  copyFileSync(path.join(root, "examples/embed/embed.ts"), path.join(project, "embed.ts"));
  // Without the types of Node: the engine's declarations must not need them. Library checks stay on.
  const options = ["--noEmit", "--strict", "--target", "es2024", "--lib", "es2024,esnext.disposable,dom", "--types", ""];
  const modules = ["--module", "nodenext", "--moduleResolution", "nodenext", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const tsc = run("node", [path.join(root, "node_modules/typescript-native/bin/tsc"), ...options, ...modules, "embed.ts"], {
    cwd: project,
  });
  if (tsc.code !== 0) problems.push(`the example does not compile against the installed packages:\n${tsc.output}`);
  const started = run("node", ["embed.ts"], { cwd: project });
  process.stdout.write(started.output);
  if (started.code !== 0 || !/^merged as [0-9a-f]{40}/m.test(started.output)) problems.push("the example did not merge (above)");
}

function must(what: string, result: { readonly code: number; readonly output: string }): void {
  if (result.code !== 0) throw new Error(`${what} failed:\n${result.output}`);
}
