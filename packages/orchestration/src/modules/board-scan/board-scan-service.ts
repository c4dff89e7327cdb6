import type { Block, ServiceMap } from "@millrace/contracts";
import { MillraceError, notFound } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn, ResolveBlock } from "../../platform/resolve-block.js";

/** Children of a service that are read at a time. */
const PAGE = 200;

/** What runs have said of services: their maps. */
export class BoardScanService {
  readonly #store: OrchestrationPorts["store"];
  readonly #resolve: ResolveBlock;

  constructor({ store }: Pick<OrchestrationPorts, "store">, resolve: ResolveBlock) {
    this.#store = store;
    this.#resolve = resolve;
  }

  /**
   * The map of a service, as the board knows it.
   * @throws MillraceError `not_found`, `validation` for a block that is no service.
   */
  async blueprint({ workspace, serviceId }: { readonly workspace: LookedUpOn; readonly serviceId: string }): Promise<ServiceMap> {
    const { homeId, block: service } = await this.#resolve(workspace, serviceId);
    if (service.level !== "service")
      throw new MillraceError("validation", `'${service.title}' is no service`, { fix: "name the service that was mapped" });
    const modules: ServiceMap["modules"] = [];
    let after: string | undefined;
    for (;;) {
      const children = await this.#store.blocks.children(homeId, serviceId, { limit: PAGE, after });
      for (const child of children) {
        const { blueprintKey: key, isStale } = child;
        if (key !== null) modules.push({ ...nodeOf(child), key, isStale });
      }
      if (children.length < PAGE) return { service: nodeOf(service), modules };
      after = children.at(-1)?.id;
    }
  }

  /**
   * Keeps a module that its map does not name any more: it is people's from then on, and no map marks it again. One that is named stays as
   * it is.
   * @throws MillraceError `not_found`.
   */
  async dismissStale(request: { readonly workspace: LookedUpOn; readonly blockId: string; readonly by: Authorship }): Promise<Block> {
    const { workspace, blockId, by } = request;
    const { homeId, block } = await this.#resolve(workspace, blockId);
    if (!block.isStale) return block;
    await this.#store.commit([
      { change: "revise-block", workspaceId: homeId, id: blockId, of: "block", expected: block.revision },
      { change: "patch-block", workspaceId: homeId, id: blockId, patch: { isStale: false, blueprintKey: null } },
      appendBoardEvent(homeId, by, { type: "block-changed", blockId, fields: ["isStale", "blueprintKey"], revision: block.revision + 1 }),
    ]);
    const after = await this.#store.blocks.get(homeId, blockId);
    if (after === null) throw notFound("block", blockId);
    return after;
  }
}

function nodeOf({ id, title, generatedText, references }: Block): ServiceMap["service"] {
  return { id, title, generatedText, references };
}
