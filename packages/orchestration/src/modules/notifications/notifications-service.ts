import type { Notification } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** Notifications one sweep takes: the rest is the next sweep's, so that no commit grows with a backlog. */
const MAX_CARDS = 200;

/** What is done with notifications after a transition raised them. Answering one is the run's business: `ExecutionService.answer`. */
export class NotificationService {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">) {
    this.#ports = ports;
  }

  /**
   * Makes the open notifications urgent that people left waiting for longer than their workspace allows, of all workspaces, at most 200 of
   * them. One look at an index, and no write when nothing is overdue. A notification becomes urgent once, however many hosts sweep at the same
   * time; one that is answered meanwhile stays answered. Returns the notifications found: a host that also sends them somewhere may see
   * one twice when two sweep at once. Drivers call it.
   */
  async escalateOverdue(): Promise<readonly Notification[]> {
    const { store, clock } = this.#ports;
    const overdue = await store.notifications.overdue(clock.now(), MAX_CARDS);
    if (overdue.length === 0) return [];
    await store.commit(overdue.map(({ workspaceId, id }): Change => ({ change: "escalate-notification", workspaceId, id })));
    return overdue.map((notification) => ({ ...notification, severity: "urgent" }));
  }
}
