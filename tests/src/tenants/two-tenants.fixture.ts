/** Two tenants, filled alike, and a call of every operation that names the things of one of them. */
import { checkPolicySchema, operations, type Actor, type Operation, type OperationName, type Role } from "@millrace/contracts";
import { LOG_START, type ChangeSet } from "@millrace/kernel";
import type { Caller, CallOptions } from "@millrace/orchestration";
import { createTestHost, type TestHost } from "@millrace/testing";
import { z } from "zod";
import { answerFor } from "../simulator/answer.logic.js";
import { createRandom } from "../simulator/random.logic.js";

/** Ids of the things of a tenant, by the names that inputs have for them. */
export type TenantIds = Readonly<Record<string, string>>;

export interface Tenant {
  readonly ids: TenantIds;
  /** A caller with these roles in its account. */
  caller(...roles: readonly Role[]): Caller;
}

export interface TwoTenants {
  readonly host: TestHost;
  readonly a: Tenant;
  readonly b: Tenant;
  /** Everything that a tenant has, as text: equal before and after means that nothing was written. */
  contents(tenant: Tenant): Promise<string>;
}

const PIPELINE = { steps: [{ kind: "researcher" }] };

export async function createTwoTenants(): Promise<TwoTenants> {
  const host = await createTestHost({ pipeline: PIPELINE });
  const a = await fill(host, "a");
  const b = await fill(host, "b");
  return { host, a, b, contents: (tenant) => contentsOf(host, tenant) };
}

async function fill(host: TestHost, name: string): Promise<Tenant> {
  const actor: Actor = { type: "human", id: `usr_${name}` };
  const accountId = `acc_${name}`;
  const memberId = `usr_member_${name}`;
  await host.store.commit(accountOf(accountId, actor.id, memberId, host.clock.now()));
  const { id: workspaceId } = await host.workspaces.create({ name: `board ${name}`, accountId, actor });
  const service = await host.board.addService({
    workspaceId,
    title: `service ${name}`,
    repository: host.repository,
    checks: checkPolicySchema.parse({}),
    actor,
  });
  const task = await host.board.addTask({ workspaceId, parentId: service.id, input: { title: `task ${name}` }, actor });
  const other = await host.board.addTask({ workspaceId, parentId: service.id, input: { title: `other task ${name}` }, actor });
  const pipeline = await host.pipelines.put({ workspaceId, input: { id: `pl_${name}`, name: "Own", ...PIPELINE }, actor });
  const run = await host.execution.start({ workspaceId, blockId: task.id, pipelineId: pipeline.id, actor });
  const guidance = { title: `Guidance ${name}`, summary: "short", body: "Write tests." };
  for (const owner of [
    { of: "workspace", id: workspaceId },
    { of: "account", id: accountId },
  ] as const)
    await host.fragments.create({ owner, input: { ...guidance, id: `frg_${name}`, overrides: true }, actor });
  const preset = await host.presets.get({ workspaceId, presetId: null });
  return {
    ids: {
      accountId,
      userId: memberId,
      toUserId: memberId,
      invitationId: `inv_${accountId}`,
      workspaceId,
      serviceId: service.id,
      parentId: service.id,
      blockId: task.id,
      onId: other.id,
      runId: run.id,
      pipelineId: pipeline.id,
      presetId: preset.id,
      fragmentId: `frg_${name}`,
      reviewId: `rev_${name}`,
      itemId: `itm_${name}`,
      responsibleId: actor.id,
      waitId: `wait_${name}`,
    },
    caller: (...roles) => ({
      actor,
      grants: { accounts: { [accountId]: roles }, confirmedUntil: Number.MAX_SAFE_INTEGER },
    }),
  };
}

/** An organisation with an owner, an admin and an open invitation. */
function accountOf(accountId: string, ownerId: string, memberId: string, at: number): ChangeSet {
  const account = { id: accountId, kind: "organization", name: accountId, githubLogin: null, timeZone: "UTC" } as const;
  const invitation = { id: `inv_${accountId}`, accountId, email: `${ownerId}@example.com`, status: "pending", invitedBy: ownerId } as const;
  const joined = { accountId, since: at, revision: 1 };
  return [
    {
      change: "insert-account",
      account: { ...account, defaultCloudProvider: null, createdAt: at, deletingAt: null, revision: 1 },
    },
    { change: "insert-membership", membership: { ...joined, userId: ownerId, roles: ["owner"] } },
    { change: "insert-membership", membership: { ...joined, userId: memberId, roles: ["admin"] } },
    {
      change: "insert-invitation",
      invitation: { ...invitation, roles: ["developer"], createdAt: at, expiresAt: at + 1000, endedAt: null, revision: 1 },
      tokenDigest: `digest of ${accountId}`,
      maxPending: 9,
    },
  ];
}

async function contentsOf({ store }: TestHost, { ids }: Tenant): Promise<string> {
  const workspaceId = ids["workspaceId"] ?? "";
  return JSON.stringify([
    await store.workspaces.get(workspaceId),
    await store.events.read(workspaceId, LOG_START, 1000),
    await store.accounts.get(ids["accountId"] ?? ""),
    await store.memberships.ofAccount(ids["accountId"] ?? "", { limit: 200 }),
    await store.invitations.list(ids["accountId"] ?? "", { now: 0 }, { limit: 200 }),
    await store.platformEvents.ofAccount(ids["accountId"] ?? "", LOG_START, 1000),
    await store.platformEvents.ofHost(LOG_START, 1000),
  ]);
}

/** Every operation with its name. */
export const everyOperation: readonly (readonly [OperationName, Operation])[] = Object.entries<Operation>(operations).map(
  ([name, operation]) => [name as OperationName, operation] as const,
);

/** True if the path names a workspace or an account. */
export const isOfTenant = ({ path }: Operation): boolean => /^\/(?:workspaces|accounts)\/\{/.test(path);

const parametersOf = ({ path }: Operation): readonly string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);

/** Members of the input that are ids of things, the parameters of the path among them. */
export function idsOf(operation: Operation): readonly string[] {
  return Object.keys(operation.input.shape).filter((name) => name.endsWith("Id") || parametersOf(operation).includes(name));
}

/** Some input that fits the schema, and names the things of the tenant; `over` replaces members. */
export function inputFor(operation: Operation, ids: TenantIds, over: TenantIds = {}): Record<string, unknown> {
  const schema = z.json().parse(z.toJSONSchema(operation.input, { io: "input", unrepresentable: "any" }));
  const filled = z.record(z.string(), z.unknown()).parse(answerFor(schema, createRandom(1)));
  const texts = "email" in filled ? { email: "ada@example.org" } : {};
  const named = Object.fromEntries(idsOf(operation).flatMap((name) => (ids[name] === undefined ? [] : [[name, ids[name]]])));
  return { ...filled, ...texts, ...named, ...over };
}

/** What the operation needs to be said beside its input. */
export function optionsFor({ isRevised, needsKey }: Operation): CallOptions {
  return { ...(isRevised === true ? { ifMatch: "*" } : {}), ...(needsKey === true ? { key: "key_1" } : {}) };
}
