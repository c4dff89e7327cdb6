import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { ConfigCheck } from "./config.schema.js";

/** Default timeout of a check, 10 minutes: enough for most test suites, and a hanging one is still noticed. */
const CHECK_TIMEOUT_MS = 10 * 60_000;
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

export interface CheckChoice {
  readonly checks: readonly ConfigCheck[];
  readonly ci: "required" | "none";
  /** Why these checks were chosen, as a sentence; null when they were given on the command line. */
  readonly because: string | null;
}

/** Commands run through `sh -c`, so that they may contain `&&` and quotes. */
function checksOf(commands: readonly string[]): readonly ConfigCheck[] {
  const short = commands.map(lastPart);
  return commands.map((command, index) => {
    const name = short.filter((one) => one === short[index]).length === 1 ? lastPart(command) : command;
    return { name: name.slice(0, 300), argv: ["sh", "-c", command], timeoutMs: CHECK_TIMEOUT_MS };
  });
}

/** Name of a check: its last command. `npm ci && npm test` is called `npm test`. */
function lastPart(command: string): string {
  return command.split("&&").at(-1)?.trim() || command;
}

/**
 * The checks of a repository: the given ones, none with `noCi`, else those its package.json offers.
 *
 * @throws MillraceError `config_invalid` when nothing is given and nothing is found, or both are given.
 */
export function chooseChecks(
  asked: { readonly checks: readonly string[]; readonly noCi: boolean },
  found: { readonly packageJson: string | null; readonly files: ReadonlySet<string> },
): CheckChoice {
  if (asked.noCi && asked.checks.length > 0)
    throw new MillraceError("config_invalid", "--check and --no-ci exclude each other", { fix: "give one of the two" });
  if (asked.noCi) return { checks: [], ci: "none", because: null };
  const commands = asked.checks.map((command) => command.trim());
  if (commands.some((command) => command === ""))
    throw new MillraceError("config_invalid", "a check needs a command", { fix: 'for example: --check "npm test"' });
  if (new Set(commands).size !== commands.length)
    throw new MillraceError("config_invalid", "the same --check was given twice", { fix: "give each check once" });
  if (commands.length > 0) return { checks: checksOf(commands), ci: "required", because: null };
  const detected = detect(found);
  if (detected === null)
    throw new MillraceError("config_invalid", "Millrace does not know how this repository is checked, and nothing merges unchecked", {
      fix: 'name the command that must pass, e.g. millrace init --check "make test", or say that there is none with --no-ci',
    });
  return { checks: checksOf([detected.command]), ci: "required", because: detected.because };
}

/** Command that runs the tests. A clean checkout has no node_modules, so a package with dependencies installs them first, in the same check. */
function detect(found: {
  readonly packageJson: string | null;
  readonly files: ReadonlySet<string>;
}): { readonly command: string; readonly because: string } | null {
  const manifest = readManifest(found.packageJson);
  const script = manifest?.scripts?.["test"];
  if (manifest === null || script === undefined || NPM_PLACEHOLDER.test(script)) return null;
  const manager = MANAGERS.find(({ lockfile }) => found.files.has(lockfile));
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length;
  const says = 'package.json has a "test" script';
  if (dependencies === 0) return { command: manager?.test ?? "npm test", because: `${says} and no dependencies` };
  if (manager === undefined) return { command: "npm install && npm test", because: `${says} and dependencies, but no lockfile` };
  return {
    command: `${manager.install} && ${manager.test}`,
    because: `${says}, and a clean checkout has no node_modules (${manager.lockfile})`,
  };
}

function readManifest(text: string | null): z.infer<typeof packageSchema> | null {
  if (text === null) return null;
  try {
    return packageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // npm cannot read this package.json either: nothing is detected, and the command asks for checks.
    return null;
  }
}
