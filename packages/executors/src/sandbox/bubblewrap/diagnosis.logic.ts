/** Why bubblewrap does not work on a machine, and what repairs it. */

/** What is known of a machine. */
export interface MachineFacts {
  readonly isLinux: boolean;
  /** Programs that a sandbox needs and that are not there. */
  readonly missing: readonly string[];
  /** Whether packages are installed by apt. */
  readonly hasApt: boolean;
  /** Numbers in files of `/proc/sys`; null where there is no such file. */
  readonly maxUserNamespaces: number | null;
  readonly unprivilegedUserNamespaces: number | null;
  readonly restrictedByAppArmor: number | null;
  /** What bubblewrap printed. */
  readonly printed: string;
}

/** A problem and its fix. */
export interface Diagnosis {
  readonly problem: string;
  readonly fix: string;
}

/** Debian packages of programs. */
const PACKAGES: Readonly<Record<string, string>> = { bwrap: "bubblewrap", setpriv: "util-linux", prlimit: "util-linux", find: "findutils" };

const SWITCHED_OFF = "user namespaces are switched off";

/** The first thing that is wrong. */
export function diagnose(facts: MachineFacts): Diagnosis {
  const { missing } = facts;
  if (!facts.isLinux)
    return { problem: "bubblewrap needs Linux", fix: "run Millrace on Linux, or in a virtual machine or container with it" };
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => PACKAGES[program] ?? program))].join(" ");
    return {
      problem: `there is no program ${missing.map((program) => `'${program}'`).join(", ")}`,
      fix: facts.hasApt ? `sudo apt-get install ${packages}` : `install ${packages} with the package manager of this system`,
    };
  }
  if (facts.maxUserNamespaces === 0) return { problem: SWITCHED_OFF, fix: "sudo sysctl -w user.max_user_namespaces=15000" };
  if (facts.unprivilegedUserNamespaces === 0) return { problem: SWITCHED_OFF, fix: "sudo sysctl -w kernel.unprivileged_userns_clone=1" };
  if (facts.restrictedByAppArmor === 1)
    return {
      problem: `AppArmor keeps programs from making user namespaces (${facts.printed})`,
      fix: "give bwrap a profile that allows it, or: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    };
  return {
    problem: `bubblewrap could not set up a sandbox: ${facts.printed === "" ? "it printed nothing" : facts.printed}`,
    fix: "in a container: start it so that it may make user namespaces, or run Millrace outside of it",
  };
}
