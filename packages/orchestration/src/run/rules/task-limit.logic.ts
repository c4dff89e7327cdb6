import type { RunLimit } from "@millrace/kernel";
import type { DecisionInput } from "../model/decision-input.js";
import type { Placement } from "../model/stored-run.js";

/** Service and task type a run is counted under. Only runs of tasks are counted. */
export function placementOf({ block, service }: Pick<DecisionInput, "block" | "service">): Placement {
  return block.level === "task" ? { serviceId: service?.id ?? null, taskType: block.taskType } : { serviceId: null, taskType: null };
}

/** The limit a new run of the block must fit under; null: none. A task outside of any service is not limited. */
export function runLimit({ block, service, settings }: Pick<DecisionInput, "block" | "service" | "settings">): RunLimit | null {
  if (block.level !== "task" || service === null) return null;
  const { taskLimit } = settings;
  switch (taskLimit.mode) {
    case "off":
      return null;
    case "shared":
      return taskLimit.shared === null ? null : { serviceId: service.id, taskType: null, max: taskLimit.shared };
    case "per-type": {
      const max = taskLimit.perType[block.taskType];
      return max === undefined ? null : { serviceId: service.id, taskType: block.taskType, max };
    }
  }
}
