/**
 * Goes on with the deletions that were asked for.
 * 1. The live runs are stopped, and each is seen to end.
 * 2. The rows go in bounded commits, those of every table that has some (`erase-workspace`).
 * 3. The log of its account, or of the host, keeps one record; it is written once, by its key.
 * 4. The workspace itself goes last: until then it is found here again, wherever a process ended.
 */
import type { Workspace } from "@millrace/contracts";
import { isMillraceError, logFailure, type ScopeRef } from "@millrace/kernel";
import { ENGINE } from "../../platform/actor.logic.js";
import { appendAccountEvent, appendHostEvent } from "../../platform/board-event.logic.js";
import type { WorkspacesCalls, WorkspacesPorts } from "./workspaces-service.js";

/** Rows of each table that one commit erases. */
const ROWS = 1000;
const RUNS = 200;
/** How long the record of a deletion is known by its key, in ms: 30 days. */
const KNOWN_MS = 30 * 24 * 60 * 60_000;

/** The sweep over workspaces that are being deleted. */
export class Deletions {
  readonly #ports: WorkspacesPorts;
  readonly #calls: Pick<WorkspacesCalls, "bringDown" | "forget">;

  constructor(ports: WorkspacesPorts, calls: Pick<WorkspacesCalls, "bringDown" | "forget">) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** One pass over at most `limit` (1..200) workspaces. A failure of one keeps no other, and is tried again. Returns how many are gone. */
  async proceed(limit: number, signal: AbortSignal): Promise<number> {
    const { store, log } = this.#ports;
    let gone = 0;
    for (const workspace of await store.workspaces.deleting(limit)) {
      if (signal.aborted) break;
      try {
        if (await this.#delete(workspace, signal)) gone += 1;
      } catch (error) {
        logFailure(log, "workspace-undeleted", error, { workspaceId: workspace.id });
      }
    }
    return gone;
  }

  async #delete(workspace: Workspace, signal: AbortSignal): Promise<boolean> {
    const { store } = this.#ports;
    const workspaceId = workspace.id;
    await this.#stopRuns(workspaceId);
    while (!(await store.workspaces.isEmpty(workspaceId))) {
      if (signal.aborted) return false;
      await store.commit([{ change: "erase-workspace", workspaceId, limit: ROWS }]);
    }
    await this.#calls.forget(workspace);
    await this.#record(workspace);
    await store.commit([{ change: "remove-workspace", workspaceId }]);
    return true;
  }

  async #stopRuns(workspaceId: string): Promise<void> {
    const { runs } = this.#ports.store;
    for (;;) {
      const live = await runs.list(workspaceId, { live: true }, { limit: RUNS });
      for (const { id } of live) await this.#calls.bringDown({ workspaceId, runId: id }, "the workspace is being deleted");
      if (live.length < RUNS) return;
    }
  }

  async #record({ id, name, accountId, deletingBy }: Workspace): Promise<void> {
    const { store, clock } = this.#ports;
    const by = { at: clock.now(), actor: deletingBy ?? ENGINE };
    const event = { type: "workspace-deleted", workspaceId: id, name } as const;
    const scope: ScopeRef = accountId === null ? { of: "host" } : { of: "account", id: accountId };
    const request = { scope, caller: "workspaces", operation: "workspaces.delete", key: id, digest: "", answer: "null", at: by.at };
    try {
      await store.commit([
        accountId === null ? appendHostEvent(by, event) : appendAccountEvent(accountId, by, event),
        { change: "remember-request", request, forgetBefore: by.at - KNOWN_MS },
      ]);
    } catch (error) {
      // An earlier pass wrote it, and ended before the workspace was gone.
      if (!isMillraceError(error, "conflict")) throw error;
    }
  }
}
