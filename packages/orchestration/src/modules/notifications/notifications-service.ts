import type { Notification } from "@millrace/contracts";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { escalations } from "./notifications.logic.js";

/** Notifications that one pass takes: the next pass takes the rest, so that no commit grows with a backlog. */
const MAX_ESCALATIONS = 200;

/** What becomes of notifications after a transition raised them. Answering one is the run's business: `ExecutionService.answer`. */
export class NotificationsService {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">) {
    this.#ports = ports;
  }

  /**
   * Makes the open notifications of all workspaces urgent whose time has come by `now` (epoch ms; default: the host's clock), at most
   * `limit` of them (default 200). One index look, and no write when nothing is overdue. A notification becomes urgent once, however many
   * hosts do this at the same time; one that is answered meanwhile stays answered. Returns the notifications it found.
   */
  async escalateOverdue(now: number = this.#ports.clock.now(), limit: number = MAX_ESCALATIONS): Promise<readonly Notification[]> {
    const { store } = this.#ports;
    const overdue = await store.notifications.overdue(now, limit);
    if (overdue.length === 0) return [];
    const commits = await Promise.allSettled(escalations(overdue, now).map((changes) => store.commit(changes)));
    // One workspace that cannot be written keeps no other waiting; its failure is told all the same.
    for (const commit of commits) if (commit.status === "rejected") throw commit.reason;
    return overdue.map((notification) => ({ ...notification, severity: "urgent" }));
  }
}
