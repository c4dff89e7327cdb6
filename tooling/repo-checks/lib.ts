import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Folder name, which is also the name without its scope. */
  readonly name: string;
  readonly dir: string;
  readonly manifest: Manifest;
}

/** Every package under `packages/` and `apps/`, and `tests/`. Fails when there is none, so that no check passes on an empty list. */
export function workspacePackages(): WorkspacePackage[] {
  const folders = ["packages", "apps"].flatMap((group) => readdirSync(path.join(root, group)).map((name) => path.join(root, group, name)));
  const found = [...folders, path.join(root, "tests")]
    .filter((dir) => existsSync(path.join(dir, "package.json")))
    .map((dir) => ({
      name: path.basename(dir),
      dir,
      manifest: JSON.parse(readFileSync(path.join(dir, "package.json"), "utf8")) as Manifest,
    }));
  if (found.length === 0) fail(["no package found under packages/ or apps/"]);
  return found;
}

export function publishedPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** Tarballs that `turbo run tarball` packed. */
export function tarballOf({ dir }: WorkspacePackage): string {
  return path.join(dir, ".artifacts/package.tgz");
}

/** Public doors of a package: `{ index: "./dist/index.d.ts" }`. */
export function doorsOf({ manifest }: WorkspacePackage): { door: string; types: string }[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([key, target]) => {
    const types = typeof target === "object" && target !== null && "types" in target ? target.types : undefined;
    return typeof types === "string" ? [{ door: key === "." ? "index" : key.slice(2), types }] : [];
  });
}

interface RunResult {
  readonly code: number;
  readonly output: string;
}

/** Runs a program of this repository from its root. `show` passes its output through. */
export function run(command: string, args: readonly string[], options: { show?: boolean; cwd?: string } = {}): RunResult {
  const result = spawnSync(command, args, {
    cwd: options.cwd ?? root,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: options.show === true ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      // Captured output is read by patterns: no colours in it.
      ...(options.show === true ? {} : { NO_COLOR: "1", FORCE_COLOR: "0" }),
      TURBO_TELEMETRY_DISABLED: "1",
      PATH: `${path.join(root, "node_modules/.bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
    },
  });
  if (result.error) throw result.error;
  return { code: result.status ?? 1, output: `${result.stdout ?? ""}${result.stderr ?? ""}` };
}

export function must(what: string, { code, output }: RunResult): void {
  if (code !== 0) throw new Error(`${what} failed:\n${output}`);
}

export function fail(problems: readonly string[]): never {
  for (const problem of problems) console.error(`  - ${problem}`);
  console.error(`${problems.length} problem(s)`);
  process.exit(1);
}

/** Ends a check: fails with the problems, or when it checked nothing; else prints how much it checked. */
export function conclude(check: string, looked: number, unit: string, problems: readonly string[]): void {
  if (looked === 0) fail([...problems, `${check} looked at nothing: a check that sees no ${unit} must not pass`]);
  if (problems.length > 0) fail(problems);
  console.log(`${check}: ${looked} ${unit} looked at, no problem`);
}
