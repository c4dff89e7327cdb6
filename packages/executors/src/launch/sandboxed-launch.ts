import { realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { entryFolder } from "../entry.js";
import { MillraceError, type SandboxProfile } from "@millrace/kernel";
import { DEFAULT_SANDBOX_LIMITS } from "../sandbox/limits.js";
import type { AgentLaunch } from "./agent-launch.js";

/** Folders of the system, which every sandbox shows. */
const SYSTEM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/**
 * A launch for a sandbox, and what that shows beside the work: this Node, the program of the agent with the packages it is installed
 * among, the forwarder for one that reaches its model by a door, every file that the command line names by its full path, and what the launch
 * lists. Never the home of the user.
 *
 * @throws MillraceError `config_invalid` for a launch that needs the user's home, and has no other way to its model.
 */
export function sandboxedLaunch<L extends AgentLaunch>(
  launch: L,
  path: string,
): { readonly launch: L; readonly visible: readonly string[] } {
  if (launch.home === "user" && launch.model === undefined)
    throw new MillraceError(
      "config_invalid",
      `the agent '${launch.name}' works with the login in your home, which a sandbox does not show`,
      {
        fix: "choose an agent that needs no login, or, to let agents do whatever you can: millrace sandbox none",
        details: { agent: launch.name },
      },
    );
  const { argv, visible } = sandboxedArgv(launch.argv, path);
  const forwarder = launch.model === undefined ? [] : [entryFolder()];
  return { launch: { ...launch, argv }, visible: outsideOfSystem([...visible, ...forwarder, ...(launch.visible ?? [])]) };
}

/**
 * A command line for a sandbox, and what that shows for it: this Node, the program with the packages it is installed among, and every file
 * that is named by its full path.
 */
export function sandboxedArgv(
  [named, ...args]: readonly [string, ...string[]],
  path: string,
): { readonly argv: readonly [string, ...string[]]; readonly visible: readonly string[] } {
  const program = find(named, path);
  const files = args.filter((word) => isAbsolute(word) && isFile(word)).flatMap(installOf);
  return {
    // A link is not followed inside, where its target may be all that is seen.
    argv: [program ?? named, ...args],
    visible: outsideOfSystem([process.execPath, ...(program === null ? [] : installOf(program)), ...files]),
  };
}

function outsideOfSystem(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter((entry) => !SYSTEM_FOLDERS.some((folder) => entry.startsWith(`${folder}/`)));
}

/** What a job or a probe may see and use. */
export function profileOf(options: {
  readonly work: SandboxProfile["work"];
  readonly visible: readonly string[];
  readonly doors?: SandboxProfile["doors"];
}): SandboxProfile {
  return { work: options.work, visible: options.visible, doors: options.doors ?? [], limits: DEFAULT_SANDBOX_LIMITS };
}

/** The real path of a program that is not the system's own; null when it is, or when there is none. */
function find(program: string, path: string): string | null {
  const candidates = program.includes("/") ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  const found = candidates.find((candidate) => isAbsolute(candidate) && isFile(candidate));
  return found === undefined ? null : realpathSync(found);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** A file, and the packages it is installed among. */
function installOf(path: string): readonly string[] {
  const packages = "/node_modules/";
  const at = path.indexOf(packages);
  return at < 0 ? [path] : [path.slice(0, at + packages.length - 1)];
}
