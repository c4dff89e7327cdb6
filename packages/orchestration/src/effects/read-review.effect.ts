import type { JsonValue } from "@millrace/contracts";
import { digestText } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "./effect.js";

/** Reads the block's last review of a kind, and whether it speaks of the description as it is now. */
export const readReview = defineEffect({
  name: "read-review",
  input: z.strictObject({ kind: z.string().min(1) }),
  async perform({ kind }, { run, facts, ports }) {
    const description = await digestText(facts.block.description);
    const latest = await ports.store.reviews.latest(run.workspaceId, run.blockId, kind);
    const isCurrent = latest !== null && latest.description === description;
    return { value: { description, latest: isCurrent ? (latest as JsonValue) : null } };
  },
});
