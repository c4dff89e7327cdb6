/** Checks at the end of a simulation: usage, merges, started keys. */
import type { Run, RunEvent } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import type { ScriptedAgents } from "@millrace/testing";
import type { SpendByKey } from "./agents.js";
import { isGood } from "./good-tree.logic.js";
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

/** I3 and P1, judged by the repository: every merge of the engine had a green check of exactly its tree, and is on the base. */
export function countMerges({ environment }: FinalState): readonly Violation[] {
  const { forge, repository, ci } = environment;
  const main = forge.head(repository, repository.base) ?? "";
  return forge.landed.flatMap(({ commit, tree }): readonly Violation[] => [
    ...(ci.wasGreen(tree) && isGood(tree) ? [] : [{ rule: "I3", message: `${commit} landed without evidence` } as const]),
    ...(forge.graph.contains(main, commit)
      ? []
      : [{ rule: "I3", message: `${commit} landed elsewhere than on '${repository.base}'` } as const]),
  ]);
}

/** I3: a task whose change has landed, whoever merged it, is done with that commit. The world was looked at once more before. */
export async function countLanded({ store, workspaceId, environment }: FinalState): Promise<readonly Violation[]> {
  const broken: Violation[] = [];
  for (const blockId of environment.blocks) {
    const landed = environment.landedOf(blockId);
    const block = await store.blocks.get(workspaceId, blockId);
    if (landed.length === 0 || (block?.status === "done" && landed.includes(block.merged?.commit ?? ""))) continue;
    const message = `${landed.join(", ")} of '${blockId}' landed, and it is ${block?.status} with ${block?.merged?.commit ?? "nothing"}`;
    broken.push({ rule: "I3", message });
  }
  return broken;
}

/** I10: no key was started twice. */
export function countBegun({ agents }: FinalState): readonly Violation[] {
  const keys = agents.begun.map(({ key }) => key);
  return keys
    .filter((key, index) => keys.indexOf(key) !== index)
    .map((key): Violation => ({ rule: "I10", message: `'${key}' was begun twice` }));
}
