import { randomUUID } from "node:crypto";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { MillraceError } from "@millrace/kernel";
import { Pool } from "pg";
import { STEPS_PER_RUN } from "../engine-steps.ts";
import { POOL_SIZE, timed, type Peer } from "./peer.ts";

const State = Annotation.Root({ done: Annotation<number> });
/** What it would report to LangSmith when the environment says so. */
const TRACING = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"];

/** A graph of nodes in a row, checkpointed before the next node starts. */
export async function openLangGraph(resources: AsyncDisposableStack, url: string): Promise<Peer> {
  for (const name of TRACING) delete process.env[name];
  const pool = new Pool({ connectionString: url, max: POOL_SIZE });
  const checkpointer = new PostgresSaver(pool);
  resources.defer(() => checkpointer.end());
  await checkpointer.setup();
  const graph = rowOfNodes().compile({ checkpointer });
  return {
    name: "LangGraph.js",
    run: (runs, atOnce) =>
      timed(runs, atOnce, async () => {
        const config = { configurable: { thread_id: randomUUID() }, durability: "sync", recursionLimit: STEPS_PER_RUN + 5 } as const;
        const { done } = await graph.invoke({ done: 0 }, config);
        if (done !== STEPS_PER_RUN) throw new MillraceError("internal", `a graph did ${done} of its steps: nothing was measured`);
      }),
  };
}

function rowOfNodes() {
  const names = Array.from({ length: STEPS_PER_RUN }, (_, index) => `step_${index}`);
  // The type of a graph grows with each node; these are made in a loop.
  const graph = new StateGraph<typeof State.spec, typeof State.State, typeof State.Update, string>(State);
  for (const name of names) graph.addNode(name, ({ done }: typeof State.State) => ({ done: done + 1 }));
  for (const [index, name] of names.entries()) graph.addEdge(index === 0 ? START : (names[index - 1] ?? START), name);
  return graph.addEdge(names.at(-1) ?? START, END);
}
