import type { OrchestrationPorts } from "@millrace/orchestration";
import { MillraceError } from "@millrace/kernel";
import { interceptPorts } from "./intercept.js";

/** Thrown where a process dies. The engine never catches it. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** Faults that a test arms. The next matching call takes the fault and disarms it. */
export interface FaultPlan {
  /** Crashes before the next commit is written: effects performed for it are not recorded. */
  readonly crashBeforeCommit: { armed: boolean };
  /** Crashes after the next commit was written, before its caller gets the result. */
  readonly crashAfterCommit: { armed: boolean };
  /** The next effect that writes takes effect, but its response is lost. */
  readonly loseReply: { armed: boolean };
}

/** A plan with nothing armed. */
export function createFaultPlan(): FaultPlan {
  return { crashBeforeCommit: { armed: false }, crashAfterCommit: { armed: false }, loseReply: { armed: false } };
}

/** Calls with outside effects, whose responses can be lost. */
const LOSABLE: ReadonlySet<string> = new Set([
  "forge.openPullRequest",
  "forge.updateBranch",
  "forge.merge",
  "agents.run",
  "agents.startJob",
  "agents.stopJob",
]);

/** Ports whose calls fail as the plan says. */
export function withFaults(ports: OrchestrationPorts, plan: FaultPlan): OrchestrationPorts {
  return interceptPorts(ports, async ({ port, method }, act) => {
    const call = `${port}.${method}`;
    if (call === "store.commit" && fire(plan.crashBeforeCommit)) throw new Crash("before commit");
    const result = await act();
    if (call === "store.commit" && fire(plan.crashAfterCommit)) throw new Crash("after commit");
    if (LOSABLE.has(call) && fire(plan.loseReply)) throw new MillraceError("unavailable", "the connection broke before the answer arrived");
    return result;
  });
}

function fire(fault: { armed: boolean }): boolean {
  const { armed } = fault;
  fault.armed = false;
  return armed;
}
