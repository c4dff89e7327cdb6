import type { SandboxName } from "@millrace/executors";
import type { SandboxExamination } from "@millrace/kernel";

const LIMITS: Readonly<Record<SandboxExamination["limits"], string>> = {
  cgroup: "limits of memory and processes by a control group",
  ulimit: "limits of memory and processes for each process alone: this user may make no control group",
  none: "no limits",
};

/** One line about a sandbox that works. */
export function sandboxLine(name: SandboxName, limits: SandboxExamination["limits"]): string {
  return name === "none" ? "none: agents and checks may do whatever you can" : `${name}, ${LIMITS[limits]}`;
}
