import { judgeWork } from "@millrace/agents";
import type { AgentTask, CompletionContract, JobOutcome } from "@millrace/kernel";
import type { LocalExecutorOptions } from "@millrace/executors";
import { afterAll, describe, expect, test } from "vitest";
import {
  CHANGE,
  CHANGE_BY_AGENT,
  NOTHING,
  RESOLVE,
  createAgentEnvironment,
  liar,
  runToOutcome,
  taskOf,
  type AgentEnvironment,
} from "./environment.fixture.js";

/** One kind of lie, and the failure code that catches it. */
interface Lie {
  readonly agent: string;
  readonly code: string;
  readonly contract: CompletionContract;
  readonly says: RegExp;
  readonly scope?: string;
  readonly argument?: (environment: AgentEnvironment) => string;
  readonly before?: (environment: AgentEnvironment) => Promise<unknown>;
  readonly limits?: { readonly totalMs?: number; readonly inactivityMs?: number };
}

const conflict = async (environment: AgentEnvironment): Promise<void> => {
  await environment.commit("millrace/blk_1", { "README.md": "# Ours\n" });
  await environment.commit("main", { "README.md": "# Theirs\n" });
};

const LIES: readonly Lie[] = [
  { agent: "says-done", code: "nothing_committed", contract: CHANGE, says: /no commit on 'millrace\/blk_1'/ },
  { agent: "leaves-uncommitted", code: "uncommitted_work", contract: CHANGE_BY_AGENT, says: /work\.txt/ },
  {
    agent: "takes-someone-elses-commit",
    code: "foreign_commit",
    contract: CHANGE,
    says: /not this job's/,
    before: (environment) => environment.commit("someone-else", { "theirs.txt": "x\n" }),
  },
  { agent: "commits-nothing", code: "empty_diff", contract: CHANGE, says: /change nothing/ },
  { agent: "commits-elsewhere", code: "wrong_branch", contract: CHANGE, says: /my-own-branch/ },
  {
    agent: "pushes-elsewhere",
    code: "wrong_branch",
    contract: CHANGE,
    says: /remote refs\/heads\/sneaky/,
    argument: ({ bare }) => bare,
  },
  { agent: "rewrites-history", code: "history_rewritten", contract: CHANGE, says: /no longer contains/ },
  { agent: "invents-pull-request", code: "invented_pull_request", contract: CHANGE, says: /example\.com\/acme\/project\/pull\/42/ },
  { agent: "invents-commit", code: "invented_commit", contract: CHANGE, says: /0123456789/ },
  { agent: "writes-when-read-only", code: "wrote_when_read_only", contract: NOTHING, says: /notes\.txt/ },
  { agent: "leaves-conflict-markers", code: "conflict_markers", contract: RESOLVE, says: /README\.md/, before: conflict },
  { agent: "gives-up-the-merge", code: "base_not_merged", contract: RESOLVE, says: /does not contain its base/, before: conflict },
  { agent: "leaves-its-folder", code: "outside_scope", contract: CHANGE, says: /other-service\/config\.txt/, scope: "service" },
  { agent: "exits-0-mid-turn", code: "turn_died", contract: CHANGE_BY_AGENT, says: /exit 0/ },
  { agent: "is-killed-mid-turn", code: "turn_died", contract: CHANGE, says: /SIGKILL/ },
  { agent: "refuses", code: "turn_refused", contract: CHANGE, says: /refused/ },
  { agent: "runs-out-of-tokens", code: "turn_cut", contract: CHANGE, says: /out of tokens/ },
  { agent: "runs-out-of-turns", code: "turn_cut", contract: CHANGE, says: /out of model requests/ },
  { agent: "destroys-the-checkout", code: "checkout_destroyed", contract: CHANGE, says: /destroyed its checkout/ },
  {
    agent: "someone-pushed-meanwhile",
    code: "push_rejected",
    contract: CHANGE,
    says: /'millrace\/blk_1' was moved from outside/,
    argument: ({ bare }) => bare,
  },
  { agent: "prints-garbage", code: "agent_protocol", contract: CHANGE, says: /Welcome to the agent/ },
  { agent: "exits-at-once", code: "agent_protocol", contract: CHANGE, says: /ended before it answered 'initialize'/ },
  { agent: "wants-a-login", code: "agent_login", contract: CHANGE, says: /log in to nothing/ },
  { agent: "hangs-silently", code: "agent_timeout", contract: CHANGE, says: /inactivity limit/, limits: { inactivityMs: 900 } },
  { agent: "talks-for-ever", code: "agent_timeout", contract: CHANGE, says: /total limit/, limits: { totalMs: 1_500 } },
];

/** Failure of an outcome: the executor's own, or the judgement of its observation. */
function caught(contract: CompletionContract, outcome: JobOutcome): { readonly code: string; readonly message: string } | null {
  if (outcome.is === "failed") return { code: outcome.code, message: outcome.message };
  if (outcome.is !== "finished") return { code: outcome.is, message: outcome.message };
  return outcome.observed === null ? { code: "unobserved", message: "nothing was looked at" } : judgeWork(contract, outcome.observed);
}

describe("P2: every lying agent is caught by what the world says", () => {
  const table: string[] = [];
  afterAll(() => console.log(["agent -> code -> message", ...table].join("\n")));

  test.each(LIES)("$agent -> $code", async (lie) => {
    await using environment = await createAgentEnvironment();
    await lie.before?.(environment);
    const refsBefore = await environment.git("--git-dir", environment.bare, "for-each-ref", "refs/heads/millrace");
    const scope = lie.scope ?? null;
    const options: Partial<LocalExecutorOptions> = {
      scopeOf: (_: AgentTask) => scope,
      limits: { totalMs: 60_000, inactivityMs: 30_000, graceMs: 100, ...lie.limits },
    };
    const outcome = await runToOutcome(
      environment,
      liar(lie.agent, lie.argument?.(environment)),
      taskOf({ contract: lie.contract }),
      options,
    );
    const verdict = caught(lie.contract, outcome);
    table.push(`${lie.agent} -> ${verdict?.code} -> ${verdict?.message}`);
    expect(verdict).toEqual({ code: lie.code, message: expect.stringMatching(lie.says) });
    expect(await environment.forge.findPullRequest(taskOf().repository ?? { forge: "", id: "", base: "" }, "millrace/blk_1")).toBeNull();
    // Nothing was pushed for it; in the rejected case another author had pushed.
    const refsAfter = await environment.git("--git-dir", environment.bare, "for-each-ref", "refs/heads/millrace");
    expect(refsAfter === refsBefore || lie.code === "push_rejected").toBe(true);
  });

  test.each([
    ["honest", CHANGE],
    ["honest", CHANGE_BY_AGENT],
    ["honest-uncommitted", CHANGE],
  ] as const)("%s is not caught", async (agent, contract) => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar(agent), taskOf({ contract }));
    expect(caught(contract, outcome)).toBeNull();
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1, pullRequest: { branch: "millrace/blk_1" } } });
  });
});
