import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";

/** Tells the board that a service's specification changed. Nothing is kept: the files in the repository are the document. */
export const ingestSpecification = defineEffect({
  name: "ingest-specification",
  input: z.strictObject({ product: z.string().min(1) }),
  samples: [["takes it up", null]],
  perform(_input, { run, input, at }) {
    const blockId = input.service?.id ?? run.blockId;
    const told = appendBoardEvent(run.workspaceId, { at }, { type: "specification-updated", blockId });
    return Promise.resolve({ value: null, writes: [told] });
  },
});
