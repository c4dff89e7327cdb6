import { z } from "zod";
import type { Capability } from "./capability.schema.js";

/** Role of a person in an account. A person may hold several; they add up. */
export const roleSchema = z.enum(["owner", "admin", "developer", "product", "viewer"]);
/** Role of a person in an account; a new member is a `developer` unless said otherwise. */
export type Role = z.infer<typeof roleSchema>;

/** Part of the platform that a token may use. A token never lets through more than the person it belongs to may do. */
export const tokenScopeSchema = z.enum([
  "read",
  "board",
  "runs",
  "answers",
  "config",
  "telemetry",
  "secrets",
  "members",
  "audit",
  "operator",
]);
/** Part of the platform that a token may use, e.g. `runs`. */
export type TokenScope = z.infer<typeof tokenScopeSchema>;

/** Callers that hold a capability. */
export interface CapabilityTraits {
  readonly roles: readonly Role[];
  /** An agent with a token of a person has it as well, if the person does. */
  readonly forAgents: boolean;
  /** A service token of the account has it as well. */
  readonly forServiceTokens: boolean;
  /** Scope that a token needs; `any`: every token will do; null: no token, a session only. */
  readonly scope: TokenScope | "any" | null;
}

const MEMBERS = ["owner", "admin", "developer", "product", "viewer"] as const;
const WRITERS = ["owner", "admin", "developer", "product"] as const;
const DEVELOPERS = ["owner", "admin", "developer"] as const;
const ADMINS = ["owner", "admin"] as const;

function grantedTo(roles: readonly Role[], scope: CapabilityTraits["scope"], machines: "machines" | "people only"): CapabilityTraits {
  return { roles, scope, forAgents: machines === "machines", forServiceTokens: machines === "machines" };
}

/** Who may what: the only place that says which roles, tokens and agents hold a capability. */
export const capabilityTable: Readonly<Record<Capability, CapabilityTraits>> = {
  "account.read": grantedTo(MEMBERS, "read", "machines"),
  "workspace.read": grantedTo(MEMBERS, "read", "machines"),
  "board.write": grantedTo(WRITERS, "board", "machines"),
  /** The role `product` starts only pipelines that deliver nothing. */
  "run.start": grantedTo(WRITERS, "runs", "machines"),
  "run.control": grantedTo(DEVELOPERS, "runs", "machines"),
  "run.answer": grantedTo(WRITERS, "answers", "people only"),
  "merge.approve": grantedTo(DEVELOPERS, "answers", "people only"),
  "notification.act": grantedTo(WRITERS, "answers", "people only"),
  "service.write": grantedTo(DEVELOPERS, "config", "machines"),
  "pipeline.write": grantedTo(DEVELOPERS, "config", "machines"),
  "fragment.write": grantedTo(DEVELOPERS, "config", "machines"),
  "schedule.write": grantedTo(DEVELOPERS, "config", "machines"),
  "workspace.create": grantedTo(DEVELOPERS, "config", "machines"),
  "telemetry.read": grantedTo(DEVELOPERS, "telemetry", "machines"),
  "workspace.manage": grantedTo(ADMINS, "config", "people only"),
  "checks.write": grantedTo(ADMINS, "config", "people only"),
  "preset.write": grantedTo(ADMINS, "config", "people only"),
  "settings.write": grantedTo(ADMINS, "config", "people only"),
  "budget.write": grantedTo(ADMINS, "config", "people only"),
  "integration.write": grantedTo(ADMINS, "config", "people only"),
  "secret.write": grantedTo(ADMINS, "secrets", "people only"),
  "member.manage": grantedTo(ADMINS, "members", "people only"),
  "account.manage": grantedTo(ADMINS, "members", "people only"),
  "audit.read": { roles: ADMINS, scope: "audit", forAgents: false, forServiceTokens: true },
  "account.own": grantedTo(["owner"], null, "people only"),
  /** Of every person who is signed in, whatever the role; an agent only reads. */
  self: { roles: MEMBERS, scope: "any", forAgents: true, forServiceTokens: false },
  /** No role has it: the configuration of the host names the operators. */
  operator: grantedTo([], "operator", "people only"),
};
