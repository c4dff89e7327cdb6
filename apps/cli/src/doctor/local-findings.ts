/** Findings about a local repository: its base, the files that are not what they seem, and whether its checks hold on the base. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { createCommandRunner, openSandbox, type SandboxName } from "@millrace/executors";
import { examineLocalRepository, linkedRemote, tryCheck, type FilteredPath, type TriedCheck } from "@millrace/integrations";
import type { Config, ConfigCheck } from "../config/config.schema.js";
import type { ProjectPaths } from "../config/project-paths.js";
import { duration } from "../output/format.logic.js";
import { examine, fail, ok, warn, type Finding } from "./finding.js";

/** Longest time in ms that `init` and `doctor` wait for one check. */
const CHECK_LIMIT_MS = 120_000;
/** Files that a finding names. */
const SHOWN = 3;

/** A board on a local repository. */
export interface LocalBoard {
  /** Top folder of the repository it was made in. */
  readonly root: string;
  readonly paths: Pick<ProjectPaths, "repository">;
  readonly config: Pick<Config, "repository" | "checks">;
}

/** The base branch, and warnings about filters and submodules. */
export async function repositoryFindings({ paths, config }: LocalBoard): Promise<readonly Finding[]> {
  const { base, id } = config.repository;
  const special: Finding[] = [];
  const found = await examine("repository", async () => {
    const { head, filtered, submodules } = await examineLocalRepository(paths.repository, base);
    special.push(...filterFindings(filtered), ...submoduleFindings(submodules));
    return ok("repository", `${id}, ${base} at ${head.slice(0, 10)}`);
  });
  return [found, ...special];
}

/** Whether the remote `millrace` of the working folder still leads to the board: not so after the folder was moved. */
export async function remoteFindings({ root, paths }: LocalBoard): Promise<readonly Finding[]> {
  if (!existsSync(join(root, ".git"))) return [];
  const found = await examine("remote", async () => {
    const linked = await linkedRemote(root);
    if (linked === paths.repository) return ok("remote", "millrace leads to this board");
    const how = linked === null ? "the remote 'millrace' is gone" : `the remote 'millrace' leads to '${linked}', not to this board`;
    const command = linked === null ? "add" : "set-url";
    return warn("remote", `${how}: merged work cannot be pulled`, `git -C '${root}' remote ${command} millrace '${paths.repository}'`);
  });
  return [found];
}

/** One finding for each check, tried once in a clean checkout of the base. */
export async function checkFindings({ paths, config }: LocalBoard, sandbox: SandboxName, signal: AbortSignal): Promise<readonly Finding[]> {
  const { base } = config.repository;
  const commands = createCommandRunner({ sandbox: openSandbox(sandbox) });
  const examined = await examineLocalRepository(paths.repository, base).catch(() => null);
  if (examined === null) return [];
  const findings: Finding[] = [];
  for (const check of config.checks) {
    const limited = { ...check, timeoutMs: Math.min(check.timeoutMs, CHECK_LIMIT_MS) };
    const began = performance.now();
    const tried = await tryCheck(commands, { check: limited, path: paths.repository, head: examined.head }, signal);
    findings.push(checkFinding(check, base, tried, performance.now() - began));
  }
  return findings;
}

function checkFinding({ name, timeoutMs }: ConfigCheck, base: string, { conclusion, summary }: TriedCheck, ms: number): Finding {
  const about = "check";
  switch (conclusion) {
    case "success":
      return ok(about, `'${name}' is green on ${base} (${duration(ms)})`);
    case "timed_out":
      return timeoutMs <= CHECK_LIMIT_MS
        ? fail(
            about,
            `'${name}' is not done after ${duration(timeoutMs)} on ${base}`,
            'give it more time: "timeoutMs" in config.json',
            summary,
          )
        : warn(
            about,
            `'${name}' was not done after ${duration(CHECK_LIMIT_MS)} on ${base}; it was stopped, and nothing is known`,
            "nothing to do if it takes that long",
          );
    case "action_required":
      return fail(about, `'${name}' cannot run on ${base}`, "install what it needs, or correct its command in config.json", summary);
    default:
      return warn(
        about,
        `'${name}' is red on ${base} already`,
        `repair it on ${base} and push it (git push millrace ${base}): until then nobody is sent to repair it, people are asked`,
        summary,
      );
  }
}

function filterFindings(filtered: readonly FilteredPath[]): readonly Finding[] {
  const byFilter = new Map<string, string[]>();
  for (const { path, filter } of filtered) byFilter.set(filter, [...(byFilter.get(filter) ?? []), path]);
  return [...byFilter].map(([filter, paths]) =>
    warn(
      "filters",
      `${named(paths)} ${paths.length === 1 ? "goes" : "go"} through the git filter '${filter}', which Millrace does not run: agents see the stored text${filter === "lfs" ? " (LFS pointers)" : ""}, and a change of such a file is refused`,
      "let tasks leave these files alone; a person changes them in a working copy",
    ),
  );
}

function submoduleFindings(submodules: readonly string[]): readonly Finding[] {
  if (submodules.length === 0) return [];
  return [
    warn(
      "submodules",
      `${named(submodules)} ${submodules.length === 1 ? "is a submodule" : "are submodules"}: empty for agents and checks, and work inside is refused`,
      "let tasks stay outside; a submodule's own repository can have a board of its own",
    ),
  ];
}

/** How the folder differs from the top folder of a plain repository, as sentences: a subfolder, a linked worktree. */
export function folderNotes(root: string, cwd: string): readonly string[] {
  const git = join(root, ".git");
  return [
    ...(root === cwd ? [] : [`you are in a folder below the top: the board is for the whole repository, and its checks run at '${root}'`]),
    ...(existsSync(git) && statSync(git).isFile()
      ? [`'${root}' is a linked worktree: the board goes with this folder, and its remote 'millrace' is seen by all worktrees`]
      : []),
  ];
}

function named(paths: readonly string[]): string {
  const more = paths.length - SHOWN;
  return `${paths.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
