/**
 * The directory of the services of an account, kept in step with the boards.
 *
 * Owns: the order of the writes on both sides, and the sweep that completes what a crash left. Does not own: the boards.
 * 1. The directory and a board may lie in different databases: no commit spans both. The directory is written first, with a time to look
 *    again (an intent), then the board, then the directory is settled. Each write is idempotent.
 * 2. The board is the truth: the sweep reads it, and makes the directory say what is there.
 * 3. A service whose removal was asked for is closed before its home is touched: no board begins to show it from then on.
 */
import type { Block, Workspace } from "@millrace/contracts";
import { isMillraceError, logFailure, serviceShown, type DirectoryEntry, type ServiceShare } from "@millrace/kernel";
import { appendAccountEvent, appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { entryOf } from "./sharing.logic.js";

/** Time after which the sweep looks at what was begun and not settled, in ms: longer than any caller takes between its two writes. */
export const SETTLE_MS = 10 * 60 * 1000;

/** Boards that show one service which are taken off in one pass. */
const PAGE = 200;

type Home = Pick<Workspace, "id" | "accountId">;

export class DirectoryService {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock" | "log">;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock" | "log">) {
    this.#ports = ports;
  }

  /**
   * Claims the place of a service in the directory of its account, before its block is written. Nothing for a home without an account.
   * @param directory Folder of its repository; null: all of it.
   * @throws MillraceError `already_exists` when another service of the account works on that folder.
   */
  async claim(home: Home, service: Block, directory: string | null = null): Promise<void> {
    if (home.accountId === null) return;
    const before = await this.#ports.store.services.get(home.accountId, service.id);
    const entry = entryOf(service, home.accountId, directory ?? before?.directory ?? null);
    await this.#ports.store.commit([
      { change: "put-service", accountId: home.accountId, service: entry, dueAt: this.#ports.clock.now() + SETTLE_MS },
    ]);
  }

  /** Settles the claim, once the block is written: other boards may show the service. Nothing for a home without an account. */
  async confirm(home: Home, service: Block, by: Authorship): Promise<void> {
    const { accountId } = home;
    if (accountId === null) return;
    const before = await this.#ports.store.services.get(accountId, service.id);
    const entry = entryOf(service, accountId, before?.directory ?? null);
    const { id: serviceId, homeId, title } = entry;
    const isNew = before?.dueAt !== null;
    await this.#ports.store.commit([
      { change: "put-service", accountId, service: entry, dueAt: null },
      ...(isNew ? [appendAccountEvent(accountId, by, { type: "service-shared", serviceId, homeId, title })] : []),
    ]);
  }

  /**
   * Closes the entry of a service that is about to be removed. Nothing for one that the directory does not have.
   * @throws MillraceError `in_use` with the boards that show it, unless `detach`.
   */
  async close(home: Home, serviceId: string, detach: boolean): Promise<void> {
    const { store, clock } = this.#ports;
    const { accountId } = home;
    if (accountId === null || (await store.services.get(accountId, serviceId)) === null) return;
    try {
      await store.commit([{ change: "close-service", accountId, id: serviceId, detach, dueAt: clock.now() + SETTLE_MS }]);
    } catch (error) {
      if (!isMillraceError(error, "in_use")) throw error;
      const shares = await store.services.sharesOf(accountId, serviceId, PAGE);
      throw serviceShown(
        serviceId,
        shares.map(({ workspaceId }) => workspaceId),
      );
    }
  }

  /** Takes the service off every board that shows it, then out of the directory. Its block is gone. */
  async withdraw({ accountId }: Home, serviceId: string, by: Authorship): Promise<void> {
    const { store } = this.#ports;
    if (accountId === null) return;
    const entry = await store.services.get(accountId, serviceId);
    if (entry === null) return;
    for (;;) {
      const shares = await store.services.sharesOf(accountId, serviceId, PAGE);
      for (const share of shares) await this.#takeOff(share, by);
      if (shares.length < PAGE) break;
    }
    const event = { type: "service-withdrawn", serviceId, homeId: entry.homeId } as const;
    await ignoring("not_found", () =>
      store.commit([{ change: "withdraw-service", accountId, id: serviceId }, appendAccountEvent(accountId, by, event)]),
    );
  }

  /** Ids of the other boards that show services of a home. */
  async boardsOf({ id, accountId }: Home): Promise<readonly string[]> {
    if (accountId === null) return [];
    const shares = await this.#ports.store.services.sharesOfHome(accountId, id, PAGE);
    return [...new Set(shares.map(({ workspaceId }) => workspaceId))];
  }

  /**
   * Closes every service of a home that is about to leave its account.
   * @throws MillraceError `in_use` while another board shows one.
   */
  async closeAll(home: Home): Promise<void> {
    for await (const entry of this.#entriesOf(home)) await this.close(home, entry.id, false);
  }

  /** Takes the services of a home off all other boards. They stay in the directory. */
  async detachAll(home: Home, by: Authorship): Promise<void> {
    const { store } = this.#ports;
    const { id, accountId } = home;
    if (accountId === null) return;
    for (;;) {
      const shares = await store.services.sharesOfHome(accountId, id, PAGE);
      for (const share of shares) await this.#takeOff(share, by);
      if (shares.length < PAGE) return;
    }
  }

  /** Forgets a home that is gone: its services leave the directory and all boards, and it shows none any more. */
  async forget(home: Home, by: Authorship): Promise<void> {
    const { store } = this.#ports;
    const { id, accountId } = home;
    if (accountId === null) return;
    for await (const entry of this.#entriesOf(home)) await this.withdraw(home, entry.id, by);
    for (;;) {
      const shares = await store.services.sharesOn(accountId, id, PAGE);
      for (const { dueAt: _, ...share } of shares) await store.commit([{ change: "unshare-service", ...share }]);
      if (shares.length < PAGE) return;
    }
  }

  /** A home is in another account than its entries say: they follow it. */
  async follow(before: Home, after: Home, by: Authorship): Promise<void> {
    for await (const entry of this.#entriesOf(before)) await this.#followWith(entry, after, by);
  }

  async #followWith(entry: DirectoryEntry, home: Home, by: Authorship): Promise<void> {
    const block = await this.#ports.store.blocks.get(home.id, entry.id);
    await this.withdraw({ id: home.id, accountId: entry.accountId }, entry.id, by);
    if (block === null || block.removedAt !== null) return;
    await this.claim(home, block, entry.directory);
    await this.confirm(home, block, by);
  }

  async *#entriesOf({ id, accountId }: Home): AsyncGenerator<DirectoryEntry> {
    if (accountId === null) return;
    let after: string | null = null;
    for (;;) {
      const entries: readonly DirectoryEntry[] = await this.#ports.store.services.ofHome(accountId, id, after, PAGE);
      yield* entries;
      if (entries.length < PAGE) return;
      after = entries.at(-1)?.id ?? null;
    }
  }

  /** Takes a service off one board: first its mount, then the note of it. */
  async #takeOff(share: ServiceShare, by: Authorship): Promise<void> {
    const { store } = this.#ports;
    const { workspaceId, serviceId } = share;
    await ignoring("not_found", () =>
      store.commit([
        { change: "remove-mount", workspaceId, serviceId },
        appendBoardEvent(workspaceId, by, { type: "mount-removed", serviceId }),
      ]),
    );
    await store.commit([{ change: "unshare-service", accountId: share.accountId, serviceId, workspaceId }]);
  }

  /** One pass over what was begun and not settled. Returns how many rows it dealt with. */
  async settle(now: number, limit: number, signal: AbortSignal): Promise<number> {
    const { services } = this.#ports.store;
    const entries = await services.due(now, limit);
    const shares = await services.dueShares(now, limit);
    const works = [...entries.map((entry) => () => this.#settleEntry(entry)), ...shares.map((share) => () => this.#settleShare(share))];
    let done = 0;
    for (const work of works) {
      if (signal.aborted) break;
      try {
        await work();
        done += 1;
      } catch (error) {
        logFailure(this.#ports.log, "directory-not-settled", error);
      }
    }
    return done;
  }

  async #settleEntry(entry: DirectoryEntry): Promise<void> {
    const { store, clock } = this.#ports;
    const { accountId, homeId, id } = entry;
    const by = { at: clock.now() };
    const home = await store.workspaces.get(homeId);
    if (home === null) return this.withdraw({ id: homeId, accountId }, id, by);
    if (home.accountId !== accountId) return this.#followWith(entry, home, by);
    const block = await store.blocks.get(homeId, id);
    if (block === null || block.removedAt !== null) return this.withdraw(home, id, by);
    if (entry.isClosing) await store.commit([{ change: "reopen-service", accountId, id }]);
    else await this.confirm(home, block, by);
  }

  async #settleShare({ dueAt: _, ...share }: ServiceShare): Promise<void> {
    const { store } = this.#ports;
    const isShown = (await store.mounts.get(share.workspaceId, share.serviceId)) !== null;
    await store.commit([isShown ? { change: "settle-share", ...share, dueAt: null } : { change: "unshare-service", ...share }]);
  }
}

/** A refusal with that code says that it was done already. */
async function ignoring(code: "not_found", act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isMillraceError(error, code)) throw error;
  }
}
