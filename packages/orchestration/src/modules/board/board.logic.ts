import type {
  Block,
  BlockLevel,
  BlockStatus,
  Position,
  ServiceType,
  TaskFields,
  TaskType,
  UpdateBlock,
  eventsOfBoard,
} from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";

type OwnEvent = z.infer<(typeof eventsOfBoard)[number]>;

/** What happened on a board, as one line. */
export function describeBoardEvent(event: OwnEvent): string {
  switch (event.type) {
    case "block-added":
      return `${event.level} '${event.title}' added`;
    case "block-moved":
      return event.parentId === null ? `${event.blockId} moved` : `${event.blockId} moved in ${event.parentId}`;
    case "block-changed":
      return `${event.blockId} changed: ${event.fields.join(", ")}`;
    case "block-removed":
      return event.ids === undefined
        ? `'${event.title}' removed from the board`
        : `'${event.title}' removed: ${event.ids.length} blocks are gone`;
    case "dependency-added":
      return `${event.blockId} waits for ${event.onId}`;
    case "dependency-removed":
      return `${event.blockId} waits for ${event.onId} no longer`;
    case "service-changed":
      return `service ${event.blockId} changed${describeServiceChange(event)}`;
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

/** Members that people may change, by the level of the block. */
const CHANGEABLE: Readonly<Record<BlockLevel, readonly (keyof UpdateBlock)[]>> = {
  service: ["title", "description", "type", "size", "fragmentIds", "cloudProvider", "instanceSize"],
  module: ["title", "description"],
  task: [
    "title",
    "description",
    "taskType",
    "fields",
    "pipelineId",
    "presetId",
    "moduleName",
    "modelId",
    "testEnvironment",
    "agentConfig",
    "responsibleId",
    "trackerComment",
    "trackerResolve",
  ],
};

/** Members of a task that a live run does not read again, or not at all. */
const FREE_WHILE_LIVE: readonly (keyof UpdateBlock)[] = ["agentConfig", "responsibleId", "trackerComment", "trackerResolve"];

/** Longest title of a module, in characters. */
const MODULE_TITLE = 120;

/**
 * What a change writes: the members whose value differs. A new type of a task drops the fields of the old one.
 * @throws MillraceError `validation` for a member of another level, and for fields of another type.
 */
export function changeOf(block: Block, input: UpdateBlock): Partial<UpdateBlock> {
  const { level } = block;
  const foreign = membersOf(input).find((member) => !CHANGEABLE[level].includes(member));
  if (foreign !== undefined)
    throw new MillraceError("validation", `'${block.title}' is a ${level}, which has no ${foreign}`, {
      fix: `change ${CHANGEABLE[level].join(", ")}`,
      details: { member: foreign },
    });
  if (level === "module" && (input.title?.length ?? 0) > MODULE_TITLE)
    throw new MillraceError("validation", `the title of a module has at most ${MODULE_TITLE} characters`, { fix: "choose a shorter one" });
  const whole = level === "task" ? { ...input, fields: fieldsAfter(block, input) } : input;
  const changed = membersOf(whole).filter((member) => JSON.stringify(whole[member]) !== JSON.stringify(block[member]));
  return Object.fromEntries(changed.map((member) => [member, whole[member]]));
}

/** Names of the members that are set. */
export function membersOf(change: Partial<UpdateBlock>): readonly (keyof UpdateBlock)[] {
  const names = Object.keys(change) as (keyof UpdateBlock)[];
  return names.filter((name) => change[name] !== undefined);
}

/** True if a live run of the block must not see the change: its agents have read what it was. */
export function needsIdle({ level }: Pick<Block, "level">, change: Partial<UpdateBlock>): boolean {
  return level === "task" && membersOf(change).some((member) => !FREE_WHILE_LIVE.includes(member));
}

const FIELDS: Readonly<Record<TaskType, readonly (keyof TaskFields)[]>> = {
  feature: [],
  bug: ["severity", "stepsToReproduce"],
  document: ["docKind"],
  spike: ["timeboxHours"],
};

/** @throws MillraceError `validation` naming a field that the type does not have. */
export function requireFieldsOf(type: TaskType, fields: TaskFields): void {
  const foreign = namesOf(fields).find((name) => !FIELDS[type].includes(name));
  if (foreign === undefined) return;
  throw new MillraceError("validation", `a task of type '${type}' has no ${foreign}`, {
    fix: FIELDS[type].length === 0 ? "leave the fields out, or choose the type that has them" : `give ${FIELDS[type].join(", ")}`,
    details: { taskType: type, field: foreign },
  });
}

function fieldsAfter(task: Block, { taskType = task.taskType, fields }: UpdateBlock): TaskFields {
  if (fields !== undefined) {
    requireFieldsOf(taskType, fields);
    return fields;
  }
  return Object.fromEntries(namesOf(task.fields).flatMap((name) => (FIELDS[taskType].includes(name) ? [[name, task.fields[name]]] : [])));
}

function namesOf(fields: TaskFields): readonly (keyof TaskFields)[] {
  return (Object.keys(fields) as (keyof TaskFields)[]).filter((name) => fields[name] !== undefined);
}

/** Columns of tasks that are still to be done: what a board shows unless it is asked for others. */
export const OPEN_STATUSES: readonly BlockStatus[] = ["planned", "ready", "in_progress", "blocked", "pr_ready"];

/** Place of the module of that number, from 0, in the grid of its service. */
export function moduleSlot(number: number): Position {
  return { x: 24 + (number % 2) * 280, y: 80 + Math.floor(number / 2) * 220 };
}

/** Title of a service that was given none. */
export const SERVICE_TITLES: Readonly<Record<ServiceType, string>> = {
  frontend: "Frontend",
  service: "Service",
  api: "API",
  database: "Database",
  queue: "Queue",
  integration: "Integration",
  external: "External service",
  environment: "Environment",
};

function describeServiceChange({ checks, testing, repository }: Extract<OwnEvent, { type: "service-changed" }>): string {
  const what = [
    ...(checks === undefined ? [] : [checks.after?.ci === "none" ? "checks: it has no CI" : "checks"]),
    ...(testing === undefined ? [] : ["testing"]),
    ...(repository === undefined ? [] : [`repository: ${repository.after?.id ?? "none"}`]),
  ];
  return what.length === 0 ? "" : ` (${what.join("; ")})`;
}

/** @throws MillraceError `validation` unless tasks may live in the block. */
export function requireTaskParent({ level, title }: Pick<Block, "level" | "title">): void {
  if (level === "task") throw new MillraceError("validation", `'${title}' is a task; tasks live in a service or a module`);
}
