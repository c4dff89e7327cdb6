import type { OrchestrationPorts } from "@millrace/orchestration";
import { MillraceError } from "@millrace/kernel";
import { interceptPorts } from "./intercept.js";

/** The process died here. Never caught by the engine, as a real death is not. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** Faults to come, taken one at a time by the next call that can have it. */
export interface FaultPlan {
  /** Dies before the next commit lands: whatever was performed is known to nobody. */
  readonly crashBeforeCommit: { armed: boolean };
  /** Dies after the next commit landed, before anybody is told. */
  readonly crashAfterCommit: { armed: boolean };
  /** The next effect that writes happens, but its answer is lost on the way. */
  readonly loseReply: { armed: boolean };
}

export function createFaultPlan(): FaultPlan {
  return { crashBeforeCommit: { armed: false }, crashAfterCommit: { armed: false }, loseReply: { armed: false } };
}

/** Calls that change the world, whose answers can be lost on the way. */
const LOSABLE: ReadonlySet<string> = new Set([
  "forge.openPullRequest",
  "forge.updateBranch",
  "forge.merge",
  "agents.run",
  "agents.startJob",
  "agents.stopJob",
]);

/** Puts the plan between an engine and its ports. */
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
