/** Commands that run a repository's tests, told from the files at its top. Each prepares what a clean checkout lacks, in the same command. */
import { z } from "zod";

/** The top folder of a repository: the names in it, and the texts of those that say how it is tested. */
export interface RepositoryFiles {
  readonly files: ReadonlySet<string>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Files whose text is looked at. */
export const READ_FILES = [
  "package.json",
  "pyproject.toml",
  "setup.cfg",
  "requirements.txt",
  "requirements-dev.txt",
  "Cargo.toml",
  "Makefile",
  "makefile",
  "GNUmakefile",
];

export interface DetectedCommand {
  readonly command: string;
  /** Why, as half a sentence. */
  readonly because: string;
}

type Detector = (found: RepositoryFiles) => DetectedCommand | null;

/** One command for each language that is found; without any, that of a Makefile, which mostly only calls one of them. */
export function detectCommands(found: RepositoryFiles): readonly DetectedCommand[] {
  const languages = [detectNode, detectRust, detectGo, detectPython].flatMap((detect) => detect(found) ?? []);
  const make = languages.length === 0 ? detectMake(found) : null;
  return make === null ? languages : [make];
}

/** Placeholder that `npm init` writes where there are no tests. */
const NPM_PLACEHOLDER = /no test specified/;

const packageSchema = z.looseObject({
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
});

interface Manager {
  readonly lockfile: string;
  readonly install: string;
  readonly test: string;
}

const MANAGERS: readonly Manager[] = [
  { lockfile: "pnpm-lock.yaml", install: "pnpm install --frozen-lockfile", test: "pnpm test" },
  { lockfile: "yarn.lock", install: "yarn install --frozen-lockfile", test: "yarn test" },
  { lockfile: "package-lock.json", install: "npm ci", test: "npm test" },
  { lockfile: "npm-shrinkwrap.json", install: "npm ci", test: "npm test" },
];

/** A clean checkout has no node_modules, so a package with dependencies installs them first. */
const detectNode: Detector = ({ files, texts }) => {
  const manifest = readManifest(texts["package.json"]);
  const script = manifest?.scripts?.["test"];
  if (manifest === null || script === undefined || NPM_PLACEHOLDER.test(script)) return null;
  const manager = MANAGERS.find(({ lockfile }) => files.has(lockfile));
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length;
  const says = 'package.json has a "test" script';
  if (dependencies === 0) return { command: manager?.test ?? "npm test", because: `${says} and no dependencies` };
  if (manager === undefined) return { command: "npm install && npm test", because: `${says} and dependencies, but no lockfile` };
  return {
    command: `${manager.install} && ${manager.test}`,
    because: `${says}, and a clean checkout has no node_modules (${manager.lockfile})`,
  };
};

function readManifest(text: string | undefined): z.infer<typeof packageSchema> | null {
  if (text === undefined) return null;
  try {
    return packageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // npm cannot read this package.json either: nothing is detected, and the command asks for checks.
    return null;
  }
}

const detectRust: Detector = ({ files, texts }) => {
  const manifest = texts["Cargo.toml"];
  if (manifest === undefined) return null;
  const workspace = /^\[workspace\]/m.test(manifest);
  const command = ["cargo test", ...(workspace ? ["--workspace"] : []), ...(files.has("Cargo.lock") ? ["--locked"] : [])].join(" ");
  return { command, because: `Cargo.toml is a ${workspace ? "workspace" : "package"}` };
};

const detectGo: Detector = ({ files }) => {
  if (files.has("go.work")) return { command: "go list -m -f '{{.Dir}}/...' | xargs go test", because: "go.work is there" };
  return files.has("go.mod") ? { command: "go test ./...", because: "go.mod is there" } : null;
};

/** Programs that install what a Python project needs and run its tests, by the file that pins the packages. */
const PYTHON: readonly { readonly file: string; readonly run: (test: string) => string }[] = [
  { file: "uv.lock", run: (test) => `uv run ${test}` },
  { file: "poetry.lock", run: (test) => `poetry install && poetry run ${test}` },
  { file: "Pipfile.lock", run: (test) => `pipenv sync --dev && pipenv run ${test}` },
  { file: "requirements-dev.txt", run: (test) => inVenv("-r requirements-dev.txt", test) },
  { file: "requirements.txt", run: (test) => inVenv("-r requirements.txt", test) },
];

const detectPython: Detector = ({ files, texts }) => {
  if (files.has("tox.ini")) return { command: "tox", because: "tox.ini is there" };
  const named = ["pyproject.toml", "setup.cfg", "requirements.txt", "requirements-dev.txt"].find((file) =>
    /\bpytest\b/.test(texts[file] ?? ""),
  );
  const pytest = ["pytest.ini", "conftest.py"].find((file) => files.has(file)) ?? named;
  const project = ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"].find((file) => files.has(file));
  if (pytest === undefined && (project === undefined || !(files.has("tests") || files.has("test")))) return null;
  const test = pytest === undefined ? "python3 -m unittest discover" : "python3 -m pytest";
  const because = pytest === undefined ? `${project ?? ""} and a folder of tests are there` : `${pytest} names pytest`;
  const manager = PYTHON.find(({ file }) => files.has(file));
  if (manager === undefined)
    return {
      command: project === undefined || project.startsWith("requirements") ? test : inVenv(pytest === undefined ? "." : ". pytest", test),
      because,
    };
  return { command: manager.run(test), because: `${because}; ${manager.file} pins its packages` };
};

/** The same python in an environment of its own: the checkout is clean, and the machine's packages are left alone. */
function inVenv(packages: string, test: string): string {
  const pip = test.endsWith("pytest") && !packages.includes("pytest") ? `${packages} pytest` : packages;
  return `python3 -m venv .venv && .venv/bin/pip install -q ${pip} && .venv/bin/${test.replace("python3", "python")}`;
}

const detectMake: Detector = ({ texts }) => {
  const file = ["GNUmakefile", "makefile", "Makefile"].find((name) => texts[name] !== undefined);
  if (file === undefined) return null;
  const target = ["test", "check"].find((name) => new RegExp(`^${name}\\s*:(?!=)`, "m").test(texts[file] ?? ""));
  return target === undefined ? null : { command: `make ${target}`, because: `${file} has a target '${target}'` };
};
