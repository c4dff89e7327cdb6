/**
 * The logs as they are read.
 * 1. A page of events that would have a gap is refused with `cursor_expired`: the store is asked after the page was read.
 * 2. The audit repeats what the log says of decisions, and outlives the events of runs.
 */
import type { AuditExport, AuditItem, EventPage } from "@millrace/contracts";
import { digestText, LOG_START, notFound, type AuditFilter, type AuditPage, type AuditedEvent, type ScopeRef } from "@millrace/kernel";
import { appendAccountEvent, appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { auditItem, cursorExpired, exportCursor, isWanted, readExportCursor, type EventFilter } from "./audit.logic.js";

/** Ports of the module. */
export type AuditPorts = Pick<OrchestrationPorts, "store" | "clock" | "digestText">;

/** A workspace or an account, whose audit is read. */
export type Audited = Exclude<ScopeRef, { readonly of: "host" }>;

/** Entries of one part of an export. */
const PART = 500;

/** Reads of the event log, and of the audit. */
export class AuditService {
  readonly #ports: AuditPorts;

  constructor(ports: AuditPorts) {
    this.#ports = ports;
  }

  /**
   * The events behind a position, in the order of the log; `limit` are looked at. One that was not asked for is there with its position.
   * @throws MillraceError `not_found` for a run or a block of the filter; `cursor_expired`; `validation` for a position that the log never had.
   */
  async events(
    request: EventFilter & { readonly workspaceId: string; readonly after?: string | undefined; readonly limit: number },
  ): Promise<EventPage> {
    const { workspaceId, after = LOG_START, limit, ...filter } = request;
    const { events, runs, blocks } = this.#ports.store;
    const { runId, blockId } = filter;
    if (runId !== undefined && (await runs.revision(workspaceId, runId)) === null) throw notFound("run", runId);
    if (blockId !== undefined && (await blocks.get(workspaceId, blockId)) === null) throw notFound("block", blockId);
    const page = await events.read(workspaceId, after, limit);
    if (await events.isExpired(workspaceId, after)) throw cursorExpired(after);
    return {
      items: page.map((event) => {
        const { cursor, sequence, entry } = event;
        return { cursor, runId: event.runId, sequence, entry: isWanted(event, filter) ? entry : null };
      }),
      nextAfter: page.at(-1)?.cursor ?? after,
      hasMore: page.length === limit,
    };
  }

  /** The position behind every event that can be read now. */
  async head(): Promise<{ cursor: string }> {
    return { cursor: await this.#ports.store.events.end() };
  }

  /** One page of the audit, the newest first. */
  async list(of: Audited, filter: AuditFilter, page: AuditPage): Promise<{ items: AuditItem[]; nextAfter: string | null }> {
    const found = await this.#read(of, filter, page);
    const last = found.at(-1);
    return { items: found.map(auditItem), nextAfter: last === undefined || found.length < page.limit ? null : last.position };
  }

  /**
   * One part of an export, the oldest first. The first part writes down that it was made.
   * @throws MillraceError `validation` for an `after` that is no position of an export.
   */
  async export(
    of: Audited,
    by: Authorship,
    request: { readonly from?: number | undefined; readonly to?: number | undefined; readonly after?: string | undefined },
  ): Promise<AuditExport> {
    const { from, to = this.#ports.clock.now() + 1 } = request;
    const begun =
      request.after === undefined ? { after: undefined, to, lines: 0, digest: await this.#digest("") } : readExportCursor(request.after);
    const found = await this.#read(
      of,
      { from, to: begun.to },
      { limit: PART, order: "oldest", ...(begun.after === undefined ? {} : { after: begun.after }) },
    );
    const lines = found.map((entry) => JSON.stringify(auditItem(entry)));
    let { digest } = begun;
    for (const line of lines) digest = await this.#digest(`${digest}${line}`);
    const count = begun.lines + lines.length;
    if (request.after === undefined) await this.#tell(of, by, { from: from ?? null, to });
    if (found.length === PART)
      return { lines, nextAfter: exportCursor({ after: found.at(-1)?.position, to: begun.to, lines: count, digest }) };
    return { lines: [...lines, JSON.stringify({ lines: count, digest })], nextAfter: null };
  }

  #read(of: Audited, filter: AuditFilter, page: AuditPage): Promise<readonly AuditedEvent[]> {
    const { audit } = this.#ports.store;
    return of.of === "workspace" ? audit.ofWorkspace(of.id, filter, page) : audit.ofAccount(of.id, filter, page);
  }

  async #tell(of: Audited, by: Authorship, time: { readonly from: number | null; readonly to: number }): Promise<void> {
    const event = { type: "export-made", ...time } as const;
    await this.#ports.store.commit(of.of === "workspace" ? [appendBoardEvent(of.id, by, event)] : [appendAccountEvent(of.id, by, event)]);
  }

  async #digest(text: string): Promise<string> {
    return (this.#ports.digestText ?? digestText)(text);
  }
}
