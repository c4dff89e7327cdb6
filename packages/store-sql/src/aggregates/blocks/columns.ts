/** The columns of a block, one for each member: rows are written, patched and read by this list. */
import { blockSchema, type Block } from "@millrace/contracts";
import type { ColumnType } from "../../dialect.js";
import type { SqlValue } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import type { BlockRow } from "./table.js";

/** How a member is stored: as it is, as JSON, or a flag as 0 or 1. */
type Storage = "value" | "json" | "flag";
interface Column {
  readonly name: keyof BlockRow;
  readonly type: ColumnType;
  readonly as: Storage;
}

const column = (name: keyof BlockRow, type: ColumnType = "text", as: Storage = "value"): Column => ({ name, type, as });
const json = (name: keyof BlockRow): Column => column(name, "text", "json");

const COLUMNS = {
  id: column("id"),
  workspaceId: column("workspace_id"),
  revision: column("revision", "integer"),
  level: column("level"),
  parentId: column("parent_id"),
  title: column("title"),
  description: column("description"),
  status: column("status"),
  progress: column("progress", "double precision"),
  runId: column("run_id"),
  pullRequest: json("pull_request"),
  merged: json("merged"),
  repository: json("repository"),
  checks: json("checks"),
  presetId: column("preset_id"),
  pipelineId: column("pipeline_id"),
  taskType: column("task_type"),
  fields: json("fields"),
  moduleName: column("module_name"),
  modelId: column("model_id"),
  testEnvironment: column("test_environment"),
  testing: json("testing"),
  estimate: json("estimate"),
  confidence: column("confidence", "double precision"),
  document: json("document"),
  references: json("source_references"),
  type: column("type"),
  position: json("position"),
  positionRevision: column("position_revision", "integer"),
  size: json("size"),
  agentConfig: json("agent_config"),
  fragmentIds: json("fragment_ids"),
  responsibleId: column("responsible_id"),
  createdBy: column("created_by"),
  trackerComment: column("tracker_comment"),
  trackerResolve: column("tracker_resolve"),
  cloudProvider: column("cloud_provider"),
  instanceSize: column("instance_size"),
  blueprintKey: column("blueprint_key"),
  generatedText: column("generated_text"),
  isStale: column("is_stale", "integer", "flag"),
  createdAt: column("created_at", "bigint"),
  removedAt: column("removed_at", "bigint"),
} as const satisfies { readonly [Member in keyof Block]-?: Column };

const members = Object.entries<Column>(COLUMNS);
const types: Readonly<Record<string, ColumnType>> = {
  ...Object.fromEntries(members.map(([, { name, type }]) => [name, type])),
  updated_at: "bigint",
};

/** Name of each column, in the order of the list. */
export const blockColumns: readonly (keyof BlockRow)[] = members.map(([, { name }]) => name);

/** Type of each of these columns. */
export function typesOf(columns: readonly string[]): Readonly<Record<string, ColumnType>> {
  return Object.fromEntries(columns.map((name) => [name, types[name] ?? "text"]));
}

/** The columns of the members that are set. */
export function toRow(block: { readonly [Member in keyof Block]?: Block[Member] | undefined }): Readonly<Record<string, SqlValue>> {
  return Object.fromEntries(
    Object.entries(block).flatMap(([member, value]) => {
      const { name, as } = COLUMNS[member as keyof Block];
      return value === undefined ? [] : [[name, stored(value, as)]];
    }),
  );
}

function stored(value: Block[keyof Block], as: Storage): SqlValue {
  if (value === null) return null;
  return as === "json" ? JSON.stringify(value) : typeof value === "boolean" ? Number(value) : (value as SqlValue);
}

/** Accepts null in every column, as a left join returns it; the contract says which may be null. */
export function toBlock(row: { readonly [Column in keyof BlockRow]: BlockRow[Column] | null }): Block {
  const what = { entity: "block", id: row.id ?? "" };
  const read = ({ name, as }: Column): unknown => {
    const value = row[name];
    if (value === null || as === "value") return value;
    return as === "json" ? parseJson(String(value), what) : value === 1;
  };
  return parseStored(blockSchema, Object.fromEntries(members.map(([member, each]) => [member, read(each)])), what);
}
