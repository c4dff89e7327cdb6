import type { Block, UpdateTask, eventsOfBoard, eventsOfBoardScan, eventsOfSettings, eventsOfWorkspaces } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";

type OwnEvent = z.infer<(typeof eventsOfWorkspaces | typeof eventsOfSettings | typeof eventsOfBoard | typeof eventsOfBoardScan)[number]>;

/** What happened on a board, as one line. */
export function describeBoardEvent(event: OwnEvent): string {
  switch (event.type) {
    case "workspace-created":
      return `workspace '${event.name}' created`;
    case "deed-refused":
      return `refused, without proof of a person: ${event.deed}, by ${event.claimed} (${event.code})`;
    case "settings-changed":
      return "settings changed";
    case "block-added":
      return `${event.level} '${event.title}' added`;
    case "block-moved":
      return `${event.blockId} moved into ${event.parentId}`;
    case "block-changed":
      return `${event.blockId} changed: ${event.fields.join(", ")}`;
    case "block-removed":
      return `'${event.title}' removed from the board`;
    case "service-changed":
      return `service ${event.blockId} changed`;
    case "blueprint-reconciled":
      return `service ${event.blockId} mapped: ${event.modulesAdded} modules added`;
    case "specification-updated":
      return `specification of service ${event.blockId} updated`;
  }
}

/** @throws MillraceError `validation` unless the block is a service. */
export function requireService({ level, title }: Pick<Block, "level" | "title">): void {
  if (level !== "service") throw new MillraceError("validation", `'${title}' is no service`, { fix: "name the service the task lives in" });
}

/** @throws MillraceError `validation` unless the block is a task. */
export function requireTask({ level, title }: Pick<Block, "level" | "title">): void {
  if (level !== "task")
    throw new MillraceError("validation", `'${title}' is no task`, { fix: "name a task: list them with: millrace tasks" });
}

/** Names of the members of a change whose value differs from the task's. */
export function changedFields(task: Block, change: UpdateTask): readonly (keyof UpdateTask)[] {
  const given = Object.keys(change) as (keyof UpdateTask)[];
  return given.filter((field) => change[field] !== undefined && change[field] !== task[field]);
}

/** @throws MillraceError `validation` unless tasks may live in the block. */
export function requireTaskParent({ level, title }: Pick<Block, "level" | "title">): void {
  if (level === "task") throw new MillraceError("validation", `'${title}' is a task; tasks live in a service or a module`);
}
