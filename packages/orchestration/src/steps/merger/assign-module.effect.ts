import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { insertModule, newModule } from "../shared/board-modules.js";

const inputSchema = z.strictObject({ module: z.string().min(1) });

/** Moves the block of the run into the module of that exact title in its service, which is created when there is none. */
export const assignModule = defineEffect({
  name: "assign-module",
  input: inputSchema,
  samples: [["moves the task", { moved: true }]],
  async perform({ module: title }, { input, ports, at }) {
    const { block, service } = input;
    if (service === null) return { value: { moved: false } };
    const known = await ports.store.blocks.moduleByTitle(block.workspaceId, service.id, title);
    const module = known ?? (await newModule((ws, id) => ports.store.blocks.get(ws, id), service, { title }, at));
    if (block.parentId === module.id) return { value: { moved: false } };
    const { workspaceId, id } = block;
    return {
      value: { moved: true },
      writes: [
        ...(known === null ? insertModule(module, at) : []),
        { change: "move-block", workspaceId, id, parentId: module.id },
        appendBoardEvent(workspaceId, { at }, { type: "block-moved", blockId: id, parentId: module.id }),
      ],
    };
  },
});
