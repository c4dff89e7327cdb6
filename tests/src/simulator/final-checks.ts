/** Checks at the end of a simulation: usage, merges, started keys. */
import type { Run, RunEvent } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import type { ScriptedAgents } from "@millrace/testing";
import type { SpendByKey } from "./agents.js";
import { isGood } from "./ci.js";
import type { Violation } from "./violation.js";
import type { Environment } from "./environment.js";

export interface FinalState {
  readonly workspaceId: string;
  readonly store: Store;
  readonly environment: Environment;
  readonly agents: ScriptedAgents;
  readonly spent: SpendByKey;
  readonly runs: readonly { readonly run: Run; readonly events: readonly RunEvent[] }[];
}

/** I10: the spending of each key is recorded once, also for outputs that a run took over. */
export async function countUsage({ store, workspaceId, runs, spent }: FinalState): Promise<readonly Violation[]> {
  const broken: Violation[] = [];
  const violate = (message: string): void => void broken.push({ rule: "I10", message });
  for (const { run, events } of runs) {
    const rows = await store.usage.ofRun(workspaceId, run.id);
    const keys = new Set(rows.map(({ key }) => key));
    if (keys.size < rows.length) violate(`usage of run '${run.id}' is counted twice`);
    for (const { key, tokens } of rows) {
      const counted = tokens?.inputTokens ?? null;
      if (spent.get(key)?.tokens !== counted) violate(`'${key}' spent ${spent.get(key)?.tokens} and is counted as ${counted}`);
    }
    for (const { event } of events) {
      if (event.type !== "output-recorded" || !spent.has(event.output.key) || keys.has(event.output.key)) continue;
      violate(`what '${event.output.key}' spent is not counted`);
    }
  }
  return broken;
}

/** I3 and P1, judged by the repository: every merge had a green check of exactly its tree, happened once, and is recorded on its task. */
export async function countMerges(finalState: FinalState): Promise<{ readonly broken: readonly Violation[]; readonly overtaken: number }> {
  const { store, workspaceId, environment } = finalState;
  const broken: Violation[] = [];
  const violate = (message: string): void => void broken.push({ rule: "I3", message });
  let overtaken = 0;
  for (const { tree, branch, commit } of environment.forge.landed) {
    if (!environment.ci.greenTrees.has(JSON.stringify(tree)) || !isGood(tree)) violate(`${commit} landed without evidence`);
    const block = await store.blocks.get(workspaceId, branch.slice(branch.indexOf("/") + 1));
    const isKnown = block?.status === "done" && block.merged?.commit === commit;
    if (isKnown) continue;
    if (isOvertaken(finalState, commit)) overtaken += 1;
    else violate(`${commit} of '${branch}' landed, and its block is ${block?.status} with ${block?.merged?.commit ?? "nothing"}`);
  }
  return { broken, overtaken };
}

/** Whether the run of a merge had been stopped before it landed: a request in transit cannot be withdrawn. */
function isOvertaken({ environment, runs }: FinalState, commit: string): boolean {
  const { message } = environment.forge.graph.get(commit);
  const run = runs.find((one) => message.endsWith(`Millrace-Run: ${one.run.id}`))?.run;
  return run !== undefined && run.merged !== commit && isStopped(run);
}

function isStopped({ phase }: Run): boolean {
  return phase.is === "cancelled" || (phase.is === "failed" && phase.failure.kind === "cancelled");
}

/** I10: no key was started twice. */
export function countBegun({ agents }: FinalState): readonly Violation[] {
  const keys = agents.begun.map(({ key }) => key);
  return keys
    .filter((key, index) => keys.indexOf(key) !== index)
    .map((key): Violation => ({ rule: "I10", message: `'${key}' was begun twice` }));
}
