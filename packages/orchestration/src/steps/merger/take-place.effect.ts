import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { defineEffect } from "../../run/model/call-effect.js";
import { laneOf } from "../../run/model/lane.logic.js";

/** The answer of the landing queue: the number of runs before this one, or null when its place was only taken now. */
export const placeSchema = z.strictObject({ ahead: z.number().int().nonnegative().nullable() });

/**
 * Takes the last place in the landing queue of the run's base, or tells how many runs are before its place. A place that was taken just
 * now is not counted: two that take one at the same moment would both see an empty line.
 */
export const takePlace = defineEffect({
  name: "take-place",
  input: z.strictObject({}),
  samples: [
    ["a place was taken", { ahead: null }],
    ["it is first in line", { ahead: 0 }],
    ["others are before it", { ahead: 2 }],
  ],
  async perform(_input, { run, ports }) {
    const { workspaceId, id: runId, repository } = run;
    if (repository === null) throw new MillraceError("internal", `run '${runId}' has no repository to land in`);
    const place = await ports.store.landings.position(workspaceId, runId);
    if (place !== null) return { value: { ahead: place.ahead } };
    return { value: { ahead: null }, writes: [{ change: "join-landing-queue", workspaceId, runId, lane: laneOf(repository) }] };
  },
});
