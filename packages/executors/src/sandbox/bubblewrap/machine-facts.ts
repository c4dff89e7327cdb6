import { accessSync, constants, existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { MachineFacts } from "./diagnosis.logic.js";
import type { SystemLayout } from "./profile-arguments.logic.js";

/** Folders and links of programs and libraries at the top of a system. */
const TOP = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** Where this system keeps its programs. */
export function systemLayout(): SystemLayout {
  const there = TOP.flatMap((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ path, isLink: stats.isSymbolicLink() }];
  });
  return {
    folders: there.flatMap(({ path, isLink }) => (isLink ? [] : [path])),
    links: there.flatMap(({ path, isLink }) => (isLink ? [{ path, target: readlinkSync(path) }] : [])),
  };
}

/** What is known of this machine. `path`: where programs are looked for. */
export function machineFacts(programs: readonly string[], path: string, printed: string): MachineFacts {
  return {
    isLinux: process.platform === "linux",
    missing: programs.filter((program) => !isProgram(program, path)),
    hasApt: existsSync("/etc/debian_version"),
    maxUserNamespaces: numberIn("/proc/sys/user/max_user_namespaces"),
    unprivilegedUserNamespaces: numberIn("/proc/sys/kernel/unprivileged_userns_clone"),
    restrictedByAppArmor: numberIn("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    printed: printed.trim().slice(-300),
  };
}

function isProgram(name: string, path: string): boolean {
  return path.split(":").some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function numberIn(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10);
  } catch {
    return null;
  }
}
