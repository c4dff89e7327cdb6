import {
  createFragmentSchema,
  updateFragmentSchema,
  type eventsOfFragments,
  type Fragment,
  type FragmentDefaults,
  type ResolvedFragment,
  type Workspace,
} from "@millrace/contracts";
import { alreadyExists, MillraceError, notFound, type Change, type FragmentChanges, type FragmentOwner, type Page } from "@millrace/kernel";
import type { z } from "zod";
import { appendAccountEvent, appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import { pageOf, type PageAnswer } from "../../platform/page.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { refusal } from "../../platform/refusal.logic.js";
import { tellRevision } from "../../platform/revision-now.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { layFragments } from "../../run/rules/fragments.logic.js";
import { changedFields, MAX_FRAGMENTS, slugOf } from "./fragments.logic.js";

/** What the module needs of the engine. */
export interface FragmentCalls {
  /** The built-in fragments and those of the host, by id. */
  readonly pool: readonly Fragment[];
  /** The fragments of these ids that hold in a workspace. */
  readonly read: (workspace: Pick<Workspace, "id" | "accountId">, ids: readonly string[]) => Promise<ReadonlyMap<string, ResolvedFragment>>;
}

type FragmentEvent = z.infer<(typeof eventsOfFragments)[number]>;

/** A fragment of an account or workspace. */
interface FragmentAddress {
  readonly owner: FragmentOwner;
  readonly id: string;
}

const PAGE = 200;

/**
 * Guidance that people write for agents, in three tiers: built-in, account, workspace. Every id is looked up by its owner. The caller of an
 * account's was let into the account.
 */
export class FragmentsService {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;
  readonly #calls: FragmentCalls;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">, calls: FragmentCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** The built-in fragments and those of the host, by id. */
  pool(page: Page): PageAnswer<Fragment> {
    return pageOf(this.#calls.pool, page);
  }

  /** The owner's own fragments, by id. */
  async list(owner: FragmentOwner, { limit, after }: Page): Promise<PageAnswer<Fragment>> {
    const items = await this.#ports.store.fragments.list(owner, { limit, after });
    return { items: [...items], nextAfter: items.length < limit ? null : (items.at(-1)?.id ?? null) };
  }

  /** @throws MillraceError `not_found`. */
  async get({ owner, id }: FragmentAddress): Promise<Fragment> {
    const found = await this.#ports.store.fragments.get(owner, id);
    if (found === null) throw notFound("fragment", id);
    return found;
  }

  /**
   * Adds a fragment in version 1. `input` is untrusted.
   * @throws MillraceError `validation` when no id can be derived, `already_exists`, `limit_reached`, `not_found`.
   */
  async create(request: WrittenBy & { readonly owner: FragmentOwner; readonly input: unknown }): Promise<Fragment> {
    const { owner } = request;
    const parsed = createFragmentSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the fragment cannot be added", parsed.error, "a fragment has a title, a summary and a body");
    const { overrides, id: given, ...rest } = parsed.data;
    const id = given ?? slugOf(rest.title);
    if (id === null)
      throw new MillraceError("validation", `no id can be made of the title '${rest.title}'`, { fix: "give the fragment an id" });
    if (!overrides && (await this.#lower(owner, id)) !== null) throw alreadyExists("fragment of a lower tier", id);
    const fragment: Fragment = { id, version: 1, ...rest };
    const { version: _, ...unversioned } = fragment;
    await this.#commit(request, {
      change: { change: "insert-fragment", owner, fragment: unversioned, max: MAX_FRAGMENTS },
      event: { type: "fragment-created", fragmentId: id, version: 1 },
      answer: fragment,
    });
    return fragment;
  }

  /**
   * Changes a fragment; what is left out stays, and the version counts up. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `read_only` for one of a lower tier, `stale_revision`.
   */
  async update(request: WrittenBy & FragmentAddress & { readonly input: unknown }): Promise<Fragment> {
    const { owner, id, expected = null } = request;
    const parsed = updateFragmentSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the fragment cannot be changed", parsed.error, "a fragment has a title, a summary and a body");
    const before = await this.#ports.store.fragments.get(owner, id);
    if (before === null && (await this.#lower(owner, id)) !== null)
      throw new MillraceError("read_only", `fragment '${id}' is of a lower tier`, { fix: "add one of that id here, with overrides" });
    if (before === null) throw notFound("fragment", id);
    const fields = changedFields(before, parsed.data);
    const { version, ...unversioned } = { ...before, ...Object.fromEntries(fields.map((name) => [name, Object(parsed.data)[name]])) };
    if (fields.length === 0 && (expected ?? version) === version) return before;
    await this.#commit(request, {
      change: { change: "update-fragment", owner, fragment: unversioned, expected: expected ?? version },
      event: { type: "fragment-changed", fragmentId: id, version: version + 1, fields: [...fields] },
    });
    return { ...unversioned, version: version + 1 };
  }

  /**
   * Removes a fragment: what a lower tier has under its id holds again. One that is not there is removed already.
   * @throws MillraceError `stale_revision`.
   */
  async remove(request: WrittenBy & FragmentAddress): Promise<void> {
    const { owner, id, expected = null } = request;
    const before = await this.#ports.store.fragments.get(owner, id);
    if (before === null) return;
    await this.#commit(request, {
      change: { change: "delete-fragment", owner, id, expected },
      event: { type: "fragment-removed", fragmentId: id, version: before.version },
    });
  }

  /**
   * Hides what lower tiers have under an id, or shows it again.
   * @throws MillraceError `not_found` when no lower tier has one.
   */
  async setHidden(request: WrittenBy & FragmentAddress & { readonly hidden: boolean }): Promise<void> {
    const { owner, id, hidden } = request;
    if (hidden && (await this.#lower(owner, id)) === null) throw notFound("fragment of a lower tier", id);
    if ((await this.#ports.store.fragments.some(owner, [id])).hidden.includes(id) === hidden) return;
    await this.#commit(request, {
      change: { change: "hide-fragment", owner, id, hidden },
      event: { type: "fragment-hidden", fragmentId: id, hidden },
    });
  }

  /** The fragments that hold in a workspace, by id, each with its tier. */
  async resolved(workspace: Pick<Workspace, "id" | "accountId">, page: Page): Promise<PageAnswer<ResolvedFragment>> {
    const { id, accountId } = workspace;
    const layers = [
      { tier: "built-in", fragments: this.#calls.pool, hidden: [] } as const,
      ...(accountId === null ? [] : [{ tier: "account", ...(await this.#all({ of: "account", id: accountId })) } as const]),
      { tier: "workspace", ...(await this.#all({ of: "workspace", id })) } as const,
    ];
    return pageOf(
      [...layFragments(layers).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      page,
    );
  }

  /** The ids that stand for no fragment in the workspace. */
  async unknown(workspaceId: string, ids: readonly string[]): Promise<readonly string[]> {
    const found = await this.#calls.read(await this.#workspace(workspaceId), ids);
    return ids.filter((id) => !found.has(id));
  }

  /** What a new service of the workspace gets. */
  async defaults(workspaceId: string): Promise<FragmentDefaults> {
    return (await this.#ports.store.fragmentDefaults.get(workspaceId)) ?? { ids: [], revision: 0 };
  }

  /** Ids of what a new service gets, without those that stand for nothing any more. */
  async forNewService(workspaceId: string): Promise<readonly string[]> {
    const { ids } = await this.defaults(workspaceId);
    if (ids.length === 0) return [];
    const unknown = await this.unknown(workspaceId, ids);
    return ids.filter((id) => !unknown.includes(id));
  }

  /**
   * Sets what a new service gets; the services that are there keep theirs.
   * @throws MillraceError `validation` for an id that stands for nothing, `stale_revision`, `not_found`.
   */
  async putDefaults(request: WrittenBy & { readonly workspaceId: string; readonly ids: readonly string[] }): Promise<FragmentDefaults> {
    const { workspaceId, ids, expected = null } = request;
    const { store } = this.#ports;
    const [unknown] = ids.length === 0 ? [] : await this.unknown(workspaceId, ids);
    if (unknown !== undefined)
      throw new MillraceError("validation", `there is no fragment '${unknown}'`, {
        fix: "name fragments that fragments.resolved lists",
        details: { id: unknown },
      });
    const before = await this.defaults(workspaceId);
    await tellRevision(
      () =>
        store.commit([
          { change: "put-fragment-defaults", workspaceId, ids, expected: expected ?? before.revision },
          appendBoardEvent(workspaceId, this.#by(request), { type: "fragment-defaults-changed", before: before.ids, after: [...ids] }),
        ]),
      async () => (await this.defaults(workspaceId)).revision,
    );
    return { ids: [...ids], revision: before.revision + 1 };
  }

  async #workspace(workspaceId: string): Promise<Workspace> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    return workspace;
  }

  /** What the tiers below an owner have under the id; null: nothing. */
  async #lower(owner: FragmentOwner, id: string): Promise<Fragment | null> {
    const builtIn = this.#calls.pool.find((each) => each.id === id) ?? null;
    if (owner.of === "account") return builtIn;
    const { accountId } = await this.#workspace(owner.id);
    if (accountId === null) return builtIn;
    const { fragments, hidden } = await this.#ports.store.fragments.some({ of: "account", id: accountId }, [id]);
    return fragments[0] ?? (hidden.length > 0 ? null : builtIn);
  }

  async #all(owner: FragmentOwner): Promise<{ readonly fragments: readonly Fragment[]; readonly hidden: readonly string[] }> {
    const { fragments: reads } = this.#ports.store;
    const fragments: Fragment[] = [];
    for (let after: string | undefined; ;) {
      const page = await reads.list(owner, { limit: PAGE, after });
      fragments.push(...page);
      after = page.at(-1)?.id;
      if (page.length < PAGE) return { fragments, hidden: await reads.hidden(owner) };
    }
  }

  async #commit(
    request: WrittenBy & { readonly owner: FragmentOwner },
    what: { readonly change: Change<keyof FragmentChanges>; readonly event: FragmentEvent; readonly answer?: Fragment },
  ): Promise<void> {
    const { owner } = request;
    const { store } = this.#ports;
    const remembered = (await request.remember?.(what.answer)) ?? [];
    const by = this.#by(request);
    await tellRevision(
      () =>
        owner.of === "workspace"
          ? store.commit([what.change, appendBoardEvent(owner.id, by, what.event), ...remembered])
          : store.commit([what.change, appendAccountEvent(owner.id, by, what.event), ...remembered]),
      async () => (await store.fragments.get(owner, what.event.fragmentId))?.version ?? null,
    );
  }

  #by({ actor, onBehalfOf }: WrittenBy): Authorship {
    return { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  }
}
