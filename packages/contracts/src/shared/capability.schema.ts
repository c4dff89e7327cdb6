import { z } from "zod";

/** What a caller may do, as roles and token scopes grant it. */
export const capabilitySchema = z.enum([
  /** The account, its members and shared services, and the names of its connections. */
  "account.read",
  /** Boards, runs, outputs, diffs, evidence, events. */
  "workspace.read",
  /** Modules, tasks, dependencies, positions, imports. */
  "board.write",
  "run.start",
  /** Stop, cancel, retry, restart, resume; environments. */
  "run.control",
  /** Decisions, approvals, caps, findings. People only. */
  "run.answer",
  /** Merge waits, and merges on demand. People only. */
  "merge.approve",
  /** With the capability of the action itself as well. */
  "notification.act",
  /** Services, mounts, linked repositories, watches. */
  "service.write",
  "pipeline.write",
  "fragment.write",
  "schedule.write",
  /** New workspaces in the account. */
  "workspace.create",
  /** Prompts, answers of models, transcripts. */
  "telemetry.read",
  /** Rename, delete, transfer. */
  "workspace.manage",
  /** What counts as checked. */
  "checks.write",
  /** Ceilings of merges. */
  "preset.write",
  /** Limits, routing, retention. */
  "settings.write",
  "budget.write",
  /** Connections to the outside. */
  "integration.write",
  /** Keys and service tokens. */
  "secret.write",
  "member.manage",
  "account.manage",
  "audit.read",
  /** Transfer and deletion of the account. */
  "account.own",
  /** The caller's own profile, sessions, keys and inbox. */
  "self",
  /** The deployment itself; set in the host's configuration only. */
  "operator",
]);
/** A permission that an operation requires and a role grants, e.g. `preset.write`. */
export type Capability = z.infer<typeof capabilitySchema>;
