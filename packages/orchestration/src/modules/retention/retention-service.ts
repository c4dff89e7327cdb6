/**
 * What grows with every run goes after a while.
 * 1. Only finished runs are trimmed, none that is held. An open notification stays. What is kept: the run with its state,
 *    its merge record, the block, the totals of what was spent, the events of the board, and the audit for as long as the policy says.
 * 2. A pass is bounded, and each part of a run is a commit of its own: one that cannot be trimmed keeps no other.
 */
import {
  retentionPolicySchema,
  type RetentionPolicy,
  type RetentionPreview,
  type RetentionView,
  type Workspace,
} from "@millrace/contracts";
import { notFound, type Amount, type RunPart } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { withRevision } from "../../platform/operations/with-revision.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { refusal } from "../../platform/refusal.logic.js";
import { provePerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { keptSince, policyChange, requireWithin, type RetentionBounds } from "./retention.logic.js";

/** Ports of the module. */
export type RetentionPorts = PersonPorts & Pick<OrchestrationPorts, "channels">;

/** Workspaces of one read. */
const PAGE = 100;
/** Entries of the audit that one commit removes. */
const ENTRIES = 1000;
const PARTS: readonly RunPart[] = ["events", "outputs", "notifications", "usage"];
const NOTHING: Amount = { rows: 0, characters: 0 };

interface Pass {
  readonly now: number;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** How long workspaces keep what, and the removal of what is older. */
export class RetentionService {
  readonly #ports: RetentionPorts;
  readonly #bounds: RetentionBounds;

  constructor(ports: RetentionPorts, bounds: RetentionBounds) {
    this.#ports = ports;
    this.#bounds = bounds;
  }

  /**
   * Reads the policy of a workspace.
   * @throws MillraceError `not_found`.
   */
  async policy(workspaceId: string): Promise<RetentionView> {
    const workspace = await this.#workspace(workspaceId);
    return this.#view(workspace.settingsRevision, workspace.settings.retention);
  }

  /**
   * Replaces the policy of a workspace, which is a person's deed. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async putPolicy(request: WrittenBy & { readonly workspaceId: string; readonly input: unknown }): Promise<RetentionView> {
    const { workspaceId, onBehalfOf } = request;
    const parsed = retentionPolicySchema.safeParse(request.input);
    if (!parsed.success)
      throw refusal("the policy cannot be used", parsed.error, "days are whole numbers from 1 to 3650, of the audit from 400");
    requireWithin(parsed.data, this.#bounds);
    await this.#workspace(workspaceId);
    const actor = await provePerson(this.#ports, request, { deed: "set-settings", workspaceId, run: null });
    return withRevision(
      request.expected ?? null,
      () => this.policy(workspaceId),
      async (current) => {
        const { settings } = await this.#workspace(workspaceId);
        const revision = current.revision + 1;
        const by = { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
        await this.#ports.store.commit([
          { change: "put-settings", workspaceId, settings: { ...settings, retention: parsed.data }, expected: current.revision },
          appendBoardEvent(workspaceId, by, { type: "retention-changed", ...policyChange(current.policy, parsed.data), revision }),
        ]);
        return this.#view(revision, parsed.data);
      },
    );
  }

  /**
   * How much would go at `now` (epoch ms).
   * @throws MillraceError `not_found`.
   */
  async preview(workspaceId: string, now: number): Promise<RetentionPreview> {
    const { retention } = this.#ports.store;
    const { retention: policy } = (await this.#workspace(workspaceId)).settings;
    const amountOf = async (part: RunPart): Promise<Amount> => {
      const before = keptSince(policy[part], now);
      return before === null ? NOTHING : retention.amount(workspaceId, part, before);
    };
    const auditBefore = keptSince(policy.audit, now);
    const [events, outputs, notifications, usage, audit] = await Promise.all([
      ...(["events", "outputs", "notifications", "usage"] as const).map(amountOf),
      auditBefore === null ? NOTHING : retention.auditAmount(workspaceId, auditBefore),
    ]);
    return {
      events: { ...NOTHING, ...events },
      outputs: { ...NOTHING, ...outputs },
      notifications: { ...NOTHING, ...notifications },
      usage: { ...NOTHING, ...usage },
      audit: { ...NOTHING, ...audit },
    };
  }

  /**
   * Keeps everything of a run, or does so no longer.
   * @throws MillraceError `not_found`.
   */
  async hold(
    request: WrittenBy & { readonly workspaceId: string; readonly runId: string; readonly isHeld: boolean; readonly reason: string },
  ): Promise<void> {
    const { workspaceId, runId, isHeld, reason, actor, onBehalfOf } = request;
    const by = { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
    await this.#ports.store.commit([
      { change: "hold-run", workspaceId, id: runId, isHeld },
      appendBoardEvent(workspaceId, by, { type: "run-held", runId, isHeld, reason }),
    ]);
  }

  /** One pass at `now` (epoch ms) over every workspace: at most `limit` (1..200) runs and deliveries of each. Returns how many parts of runs it trimmed. */
  async trim(now: number, limit: number, signal: AbortSignal): Promise<number> {
    let trimmed = 0;
    for (let after: string | undefined; ;) {
      const page: readonly Workspace[] = await this.#ports.store.workspaces.list({
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const workspace of page) {
        if (signal.aborted) return trimmed;
        trimmed += await this.#trimWorkspace(workspace, { now, limit, signal });
      }
      after = page.at(-1)?.id;
      if (page.length < PAGE) return trimmed;
    }
  }

  async #trimWorkspace({ id, settings }: Workspace, pass: Pass): Promise<number> {
    const { store, channels = [] } = this.#ports;
    const policy = settings.retention;
    const removed: [string, number][] = [];
    for (const part of PARTS) removed.push([part, await this.#trimPart(id, part, keptSince(policy[part], pass.now), pass)]);
    removed.push(["audit", await this.#trimAudit(id, keptSince(policy.audit, pass.now))]);
    const deliveredBefore = keptSince(policy.notifications, pass.now);
    if (channels.length > 0 && deliveredBefore !== null)
      await store.commit([{ change: "trim-deliveries", ofWorkspace: id, before: deliveredBefore, limit: pass.limit }]);
    const some = removed.filter(([, count]) => count > 0);
    if (some.length > 0)
      await store.commit([appendBoardEvent(id, { at: pass.now }, { type: "retention-ran", removed: Object.fromEntries(some) })]);
    return some.reduce((sum, [, count]) => sum + count, 0);
  }

  async #trimPart(workspaceId: string, part: RunPart, before: number | null, { limit, signal }: Pass): Promise<number> {
    if (before === null) return 0;
    const { store } = this.#ports;
    let trimmed = 0;
    for (const { id } of await store.retention.untrimmed(workspaceId, part, before, limit)) {
      if (signal.aborted) break;
      await store.commit([{ change: "trim-run", workspaceId, id, part }]);
      trimmed += 1;
    }
    return trimmed;
  }

  async #trimAudit(workspaceId: string, before: number | null): Promise<number> {
    const { store } = this.#ports;
    if (before === null) return 0;
    const old = await store.audit.ofWorkspace(workspaceId, { to: before }, { limit: ENTRIES, order: "oldest" });
    if (old.length > 0) await store.commit([{ change: "trim-audit", workspaceId, before, limit: ENTRIES }]);
    return old.length;
  }

  #view(revision: number, policy: RetentionPolicy): RetentionView {
    const { leastDays = 1, mostDays = null } = this.#bounds;
    return { revision, policy, host: { leastDays, mostDays } };
  }

  async #workspace(workspaceId: string): Promise<Workspace> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    return workspace;
  }
}
