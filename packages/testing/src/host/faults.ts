import type { OrchestrationPorts } from "@millrace/orchestration";
import { MillraceError, type Forge } from "@millrace/kernel";

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

/** Puts the plan between an engine and its ports. */
export function withFaults(ports: OrchestrationPorts, plan: FaultPlan): OrchestrationPorts {
  const commit: OrchestrationPorts["store"]["commit"] = async (changes) => {
    if (fire(plan.crashBeforeCommit)) throw new Crash("before commit");
    await ports.store.commit(changes);
    if (fire(plan.crashAfterCommit)) throw new Crash("after commit");
  };
  const reply = async <T>(act: () => Promise<T>): Promise<T> => {
    const result = await act();
    if (fire(plan.loseReply)) throw new MillraceError("unavailable", "the connection broke before the answer arrived");
    return result;
  };
  const forge = (inner: Forge): Forge => ({
    name: inner.name,
    findPullRequest: (...args) => inner.findPullRequest(...args),
    openPullRequest: (...args) => reply(() => inner.openPullRequest(...args)),
    read: (...args) => inner.read(...args),
    checks: (...args) => inner.checks(...args),
    updateBranch: (...args) => reply(() => inner.updateBranch(...args)),
    merge: (...args) => reply(() => inner.merge(...args)),
  });
  const { agents } = ports;
  return {
    ...ports,
    store: { ...ports.store, commit },
    forges: { get: (name) => forge(ports.forges.get(name)) },
    agents: {
      resolveModel: (kind) => agents.resolveModel(kind),
      isQuotaBased: (kind) => agents.isQuotaBased(kind),
      run: (task, signal) => reply(() => agents.run(task, signal)),
      startJob: (task) => reply(() => agents.startJob(task)),
      pollJob: (handle) => agents.pollJob(handle),
      stopJob: (handle) => reply(() => agents.stopJob(handle)),
      forget: (handle) => agents.forget(handle),
    },
  };
}

function fire(fault: { armed: boolean }): boolean {
  const { armed } = fault;
  fault.armed = false;
  return armed;
}
