import { blueprintSchema, type Block } from "@millrace/contracts";
import type { BlockPatch, Change, Store } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { insertModule, newModule } from "../shared/board-modules.js";

const inputSchema = z.strictObject({ product: z.string().min(1) });
/** Pages of 200 children that are read; no map has more modules. */
const MAX_PAGES = 10;

/**
 * Reconciles a service and its modules with its map: adds missing modules, refreshes descriptions and references, but deletes and renames
 * nothing. Titles are compared without case and outer spaces.
 */
export const ingestBlueprint = defineEffect({
  name: "ingest-blueprint",
  input: inputSchema,
  samples: [["takes it up", { modulesAdded: 1 }]],
  async perform({ product }, { run, input, ports, at }) {
    const { service } = input;
    const blueprint = blueprintSchema.safeParse(parse(await ports.store.outputs.get(run.workspaceId, product)));
    if (service === null || !blueprint.success) return { value: { modulesAdded: 0 } };
    const known = new Map((await modulesOf(ports.store, service)).map((module) => [nameOf(module.title), module]));
    const writes: Change[] = refreshed(service, { references: blueprint.data.references });
    let modulesAdded = 0;
    for (const { name, summary, references } of blueprint.data.modules) {
      const module = known.get(nameOf(name));
      if (module === undefined) {
        const added = await newModule(service, { title: name, description: summary, references }, at);
        known.set(nameOf(name), added);
        writes.push(...insertModule(added, at));
        modulesAdded += 1;
      } else {
        writes.push(...refreshed(module, { references, ...(summary === "" ? {} : { description: summary }) }));
      }
    }
    writes.push(appendBoardEvent(service.workspaceId, { at }, { type: "blueprint-reconciled", blockId: service.id, modulesAdded }));
    return { value: { modulesAdded }, writes };
  },
});

/** The write of what a map says of a block; none when it says nothing new. A map without references leaves those that are there. */
function refreshed({ workspaceId, id, description, references }: Block, told: BlockPatch & Pick<Block, "references">): Change[] {
  const patch: BlockPatch = {
    ...(told.description === undefined || told.description === description ? {} : { description: told.description }),
    ...(told.references.length === 0 || told.references.join("\n") === references.join("\n") ? {} : { references: told.references }),
  };
  return Object.keys(patch).length === 0 ? [] : [{ change: "patch-block", workspaceId, id, patch }];
}

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

function nameOf(title: string): string {
  return title.trim().toLowerCase();
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
