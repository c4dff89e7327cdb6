/**
 * `pnpm embed`: the engine as an npm user gets it: tarballs into an empty project outside the workspace. Fails when a tarball lacks an
 * entry point or its licence or holds sources, when the engine alone brings anything that is not listed here, when the example does not
 * compile against the installed declarations, or does not merge. Needs the tarballs.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { conclude, doorsOf, must, publishedPackages, root, run, tarballOf, type WorkspacePackage } from "./lib.ts";

const ENGINE = ["contracts", "kernel", "agents", "orchestration"];
/** All that an embedder of the engine gets: no model SDK, no HTTP framework, no database driver. */
const ALLOWED = [...ENGINE.map((name) => `@millrace/${name}`), "zod", "ts-pattern", "nanoid", "yaml"].toSorted();

const packages = publishedPackages();
const problems = packages.flatMap(contentProblems);
let looked = 0;
const folder = mkdtempSync(path.join(tmpdir(), "millrace-embed-"));
try {
  const engine = install("engine", ENGINE);
  if (engine.names.join() !== ALLOWED.join()) problems.push(`the engine brings ${engine.names.join(", ")}; expected ${ALLOWED.join(", ")}`);
  const example = install("example", [...ENGINE, "testing"]);
  runExample(example.project);
  console.log(`engine alone: ${engine.names.length} packages, ${engine.bytes} bytes (${engine.names.join(", ")})`);
  console.log(`example: ${example.names.length} packages, ${example.bytes} bytes`);
  looked = engine.names.length + example.names.length;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
conclude("embed", looked, "installed packages", problems);

/** publint and attw check a tarball's manifest; this checks its contents. */
function contentProblems(one: WorkspacePackage): string[] {
  const listed = run("tar", ["-tzf", tarballOf(one)]);
  must(`reading the tarball of ${one.name}`, listed);
  const contents = listed.output.split("\n");
  const wanted = [...doorsOf(one).map(({ types }) => types), ...Object.values(one.manifest.bin ?? {})];
  const expected = ["LICENSE", ...wanted].map((file) => path.posix.join("package", file));
  return [
    ...(wanted.length === 0 ? [`${one.name}: has neither an entry point nor a program`] : []),
    ...expected.filter((file) => !contents.includes(file)).map((file) => `${one.name}: ${file} is not in the tarball`),
    ...contents.filter((file) => file.startsWith("package/src/")).map((file) => `${one.name}: the tarball holds ${file}`),
  ];
}

interface Installation {
  readonly project: string;
  readonly names: readonly string[];
  readonly bytes: number;
}

/** `npm install` of these tarballs and nothing else. */
function install(name: string, names: readonly string[]): Installation {
  const project = path.join(folder, name);
  mkdirSync(project);
  const installed = packages.filter((one) => names.includes(one.name));
  const dependencies = Object.fromEntries(installed.map((one) => [one.manifest.name, `file:${tarballOf(one)}`]));
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "embedder", private: true, type: "module", dependencies }));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  must(`npm install of ${name}`, run("npm", ["install", ...flags], { cwd: project }));
  const modules = path.join(project, "node_modules");
  const found = packageNames(modules);
  if (found.length === 0) throw new Error("npm installed nothing");
  return { project, names: found, bytes: bytesOf(modules) };
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
