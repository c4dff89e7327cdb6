import { MillraceError } from "@millrace/kernel";
import type { ConfigCheck } from "./config.schema.js";
import { detectCommands, type RepositoryFiles } from "./detect-commands.logic.js";

/** Default timeout of a check, 10 minutes: enough for most test suites, and a hanging one is still noticed. */
const CHECK_TIMEOUT_MS = 10 * 60_000;
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
 * The checks of a repository: the given ones, none with `noCi`, else those its own files name.
 *
 * @throws MillraceError `config_invalid` when nothing is given and nothing is found, or both are given.
 */
export function chooseChecks(asked: { readonly checks: readonly string[]; readonly noCi: boolean }, found: RepositoryFiles): CheckChoice {
  if (asked.noCi && asked.checks.length > 0)
    throw new MillraceError("config_invalid", "--check and --no-ci exclude each other", { fix: "give one of the two" });
  if (asked.noCi) return { checks: [], ci: "none", because: null };
  const commands = asked.checks.map((command) => command.trim());
  if (commands.some((command) => command === ""))
    throw new MillraceError("config_invalid", "a check needs a command", { fix: 'for example: --check "npm test"' });
  if (new Set(commands).size !== commands.length)
    throw new MillraceError("config_invalid", "the same --check was given twice", { fix: "give each check once" });
  if (commands.length > 0) return { checks: checksOf(commands), ci: "required", because: null };
  const detected = detectCommands(found);
  if (detected.length === 0)
    throw new MillraceError("config_invalid", "Millrace does not know how this repository is checked, and nothing merges unchecked", {
      fix: 'name the command that must pass, e.g. millrace init --check "make test", or say that there is none with --no-ci',
    });
  return {
    checks: checksOf(detected.map(({ command }) => command)),
    ci: "required",
    because: detected.map(({ because }) => because).join("; "),
  };
}
