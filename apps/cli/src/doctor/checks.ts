import { execFile } from "node:child_process";
import { mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { probeAgent } from "@millrace/executors";
import { MillraceError, throwUnwritable } from "@millrace/kernel";
import { deadOwners, type Host } from "@millrace/runtime-host";
import type { Project } from "../config/find-project.js";
import type { SandboxChoice } from "../config/sandbox-choice.js";
import { sandboxLine } from "../views/sandbox-lines.logic.js";
import { agentName } from "../follow/drive.js";
import type { Agents } from "../wiring/agents.js";
import type { Models } from "../wiring/models.js";
import { fail, ok, warn, type Finding } from "./finding.js";

/** First version with `node:sqlite` without a flag, and with type stripping, which agents run from source need. */
const NODE_AT_LEAST = [22, 18] as const;
/** First version with `git merge-tree --write-tree`, which tries a merge without a checkout. */
const GIT_AT_LEAST = [2, 38] as const;
const GIB = 1024 ** 3;

export function checkNode(version: string): Finding {
  const name = "node";
  if (atLeast(version, NODE_AT_LEAST)) return ok(name, version);
  return fail(name, `${version} is too old`, `install Node ${NODE_AT_LEAST.join(".")} or later`);
}

export async function checkGit(): Promise<Finding> {
  const version = (await git(["--version"])).replace(/^git version /, "");
  if (atLeast(version, GIT_AT_LEAST)) return ok("git", version);
  return fail("git", `${version} is too old`, `install git ${GIT_AT_LEAST.join(".")} or later`);
}

export async function checkRequiredChecks({ config }: Project, runtime: Host): Promise<Finding> {
  const name = "checks";
  const service = await runtime.store.blocks.get(config.workspaceId, config.serviceId);
  const policy = service?.checks?.ci;
  if (policy !== undefined && policy !== config.ci)
    return fail(
      name,
      `config.json says ci '${config.ci}', the board says '${policy}'; the board's holds`,
      `set "ci" back to "${policy}", or make the board anew`,
    );
  if (config.repository.forge === "github") return ok(name, config.ci === "none" ? "none, as the board says" : "those that GitHub reports");
  if (config.ci === "none")
    return warn(name, "this repository has none: changes merge unchecked", "add checks: make the board anew with --check");
  if (config.checks.length === 0)
    return fail(name, "checks are required and none is configured: nothing can ever merge", 'add one under "checks" in config.json');
  return ok(name, config.checks.map((check) => check.name).join(", "));
}

/** Tries the sandbox for real. */
export async function checkSandbox(sandbox: SandboxChoice): Promise<Finding> {
  const about = "sandbox";
  const { works, problem, fix, limits } = await sandbox.examine();
  const name = sandbox.name();
  if (!works) return fail(about, `${name}: ${problem ?? ""}`, fix);
  if (name === "none") return warn(about, sandboxLine(name, limits), "millrace sandbox bubblewrap");
  if (limits !== "cgroup")
    return warn(
      about,
      sandboxLine(name, limits),
      "run Millrace where it may make control groups, as in a service of systemd with Delegate=yes",
    );
  return ok(about, sandboxLine(name, limits));
}

export async function checkChosenAgent(agents: Agents, models: Models, sandbox: SandboxChoice): Promise<Finding> {
  if (agents.launch === null) return warn("agent", "none is chosen", 'set "agent" in config.json, or give --agent when you run');
  const launch = agents.require();
  models.require(launch);
  const probe = await probeAgent(launch, new AbortController().signal, { sandbox: sandbox.name() });
  return ok("agent", `${agentName(probe)}, ${models.way(launch)}`);
}

export async function checkLeases(runtime: Host): Promise<Finding> {
  const owners = await runtime.wakeups.leaseOwners();
  const dead = await deadOwners(owners);
  if (dead.size > 0) return warn("leases", `${dead.size} held by a driver that was killed`, "run: millrace run (it takes their runs up)");
  return ok("leases", owners.length === 0 ? "none held" : `${owners.length} held by living drivers`);
}

/**
 * Writes a file to each folder that jobs and checks write to, the temporary one included.
 *
 * @throws MillraceError `folder_unwritable`.
 */
export async function checkFolders({ paths }: Project): Promise<Finding> {
  for (const folder of [paths.jobs, paths.checks, tmpdir()])
    await tryWriting(folder).catch((error: unknown) => throwUnwritable(folder, error));
  return ok("folders", "jobs, checks and temporary files can be written");
}

async function tryWriting(folder: string): Promise<void> {
  const trial = await mkdtemp(join(folder, "doctor-"));
  try {
    await writeFile(join(trial, "file"), "x");
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

export async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / GIB).toFixed(1)} GiB free`;
  if (free < GIB / 10) return fail("disk", text, "make room: check-outs and the database cannot be written soon");
  return free < GIB ? warn("disk", text, "make room: every job and check has a check-out of its own") : ok("disk", text);
}

/** Whether major and minor of a version are at least the given ones. */
export function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, ownMajor, ownMinor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (ownMajor === undefined || ownMinor === undefined) return false;
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor);
}

async function git(args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)("git", [...args], { timeout: 30_000 })).stdout.trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new MillraceError("git_missing", "there is no program 'git'", { fix: "install git" });
    throw error;
  }
}
