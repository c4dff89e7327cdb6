/** Boards of one account, and one of another, on one test host. */
import { checkPolicySchema, type Actor, type Block, type Role, type Workspace } from "@millrace/contracts";
import type { Caller } from "@millrace/orchestration";
import { createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";

const actor: Actor = { type: "human", id: "usr_a" };

export interface Boards {
  readonly host: TestHost;
  /** Home of the service. */
  readonly home: Workspace;
  /** Another board of the same account. */
  readonly board: Workspace;
  readonly service: Block;
  readonly task: Block;
  /** A caller with these roles in the account of both boards. */
  caller(...roles: readonly Role[]): Caller;
  readonly owner: Caller;
  /** The owner of another account. */
  readonly stranger: Caller;
  addBoard(accountId?: string): Promise<Workspace>;
  addService(workspace: Workspace, title?: string): Promise<Block>;
  addTask(parent: Block, title?: string): Promise<Block>;
  /** Shows the service on the other board. */
  mount(): Promise<void>;
}

const callerOf = (accountId: string, roles: readonly Role[]): Caller => ({
  actor,
  grants: { accounts: { [accountId]: roles }, confirmedUntil: Number.MAX_SAFE_INTEGER },
});

export async function createBoards(options: Partial<TestHostOptions> = {}): Promise<Boards> {
  const host = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] }, ...options });
  const addBoard = (accountId = "acc_a"): Promise<Workspace> => host.workspaces.create({ name: "board", accountId, actor });
  const addService = async (workspace: Workspace, title = "Shop"): Promise<Block> => {
    const checks = checkPolicySchema.parse({});
    return host.board.addService({ workspaceId: workspace.id, title, repository: null, checks, actor });
  };
  const addTask = (parent: Block, title = "a task"): Promise<Block> =>
    host.board.addTask({ workspaceId: parent.workspaceId, parentId: parent.id, input: { title }, actor });
  const home = await addBoard();
  const board = await addBoard();
  const service = await addService(home);
  const owner = callerOf("acc_a", ["owner"]);
  return {
    host,
    home,
    board,
    service,
    task: await addTask(service),
    caller: (...roles) => callerOf("acc_a", roles),
    owner,
    stranger: callerOf("acc_b", ["owner"]),
    addBoard,
    addService,
    addTask,
    mount: async () => void (await host.call("sharing.mount", owner, { workspaceId: board.id, serviceId: service.id })),
  };
}

/** Types of the events of a workspace, outside of runs, from the first on. */
export async function eventTypes({ store }: TestHost, workspaceId: string): Promise<readonly string[]> {
  const log = await store.events.read(workspaceId, "0", 1000);
  return log.map(({ entry }) => entry.event.type);
}
