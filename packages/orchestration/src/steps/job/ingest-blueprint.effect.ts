import { blueprintSchema, type Block } from "@millrace/contracts";
import { MillraceError, notFound, type Change, type Store } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { insertModule, newModule } from "../shared/board-modules.js";
import { reconcile } from "./reconcile.logic.js";

const inputSchema = z.strictObject({ product: z.string().min(1) });
/** Pages of 200 children that are read; no service has more modules. */
const MAX_PAGES = 10;

/** Reconciles a service and its modules with its map, in one commit. */
export const ingestBlueprint = defineEffect({
  name: "ingest-blueprint",
  input: inputSchema,
  samples: [["takes it up", { modulesAdded: 1 }]],
  async perform({ product }, { run, input, ports, at }) {
    const { service } = input;
    if (service === null) throw notFound("service", run.blockId);
    const map = blueprintSchema.safeParse(parse(await ports.store.outputs.get(run.workspaceId, product)));
    if (!map.success) throw new MillraceError("answer_invalid", "the map of the service cannot be read", { details: { product } });
    const { workspaceId } = service;
    const { missing, changed, stale } = reconcile(service, await modulesOf(ports.store, service), map.data);
    const writes: Change[] = [];
    for (const node of missing)
      writes.push(...insertModule(await newModule((ws, id) => ports.store.blocks.get(ws, id), service, node, at), at));
    for (const { block, patch } of changed) writes.push({ change: "patch-block", workspaceId, id: block.id, patch });
    for (const { id } of stale) writes.push({ change: "patch-block", workspaceId, id, patch: { isStale: true } });
    const counts = { modulesAdded: missing.length, modulesChanged: changed.length, modulesStale: stale.length };
    writes.push(appendBoardEvent(workspaceId, { at }, { type: "blueprint-reconciled", blockId: service.id, ...counts }));
    return { value: { modulesAdded: missing.length }, writes };
  },
});

async function modulesOf(store: Pick<Store, "blocks">, service: Block): Promise<readonly Block[]> {
  const modules: Block[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const children = await store.blocks.children(service.workspaceId, service.id, { limit: 200, after });
    modules.push(...children.filter((child) => child.level === "module"));
    after = children.at(-1)?.id;
    if (children.length < 200) break;
  }
  return modules;
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
