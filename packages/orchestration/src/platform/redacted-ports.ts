/**
 * Redaction at the store's door, and where texts of agents come in. What the engine decides on is what is stored: a text is redacted before
 * it is digested, cut or folded, so that a digest that people approve is of the text they see.
 *
 * 1. `store.commit` redacts every text of every change: nothing goes around it.
 * 2. Answers of agents are redacted as they arrive, commands before they are decided (`RunSession`), kept texts before they are digested
 *    (`keepText`). The door finds nothing to do then.
 */
import { createRedact, redactAll, type AgentExecutor, type Redact } from "@millrace/kernel";
import type { OrchestrationPorts } from "./ports.js";

/** The same store, which never stores a secret. */
export function redactStore(store: OrchestrationPorts["store"], redact: Redact): OrchestrationPorts["store"] {
  const commit: typeof store.commit = (changes, options) => store.commit(redactAll(changes, redact), options);
  // Not a copy: a store may make its parts when they are asked for.
  return new Proxy(store, { get: (target, name): unknown => (name === "commit" ? commit : Reflect.get(target, name)) });
}

/** The same ports, behind a redaction: the host's, else one that knows the shapes of common tokens. */
export function redactedPorts(ports: OrchestrationPorts): OrchestrationPorts & { readonly redact: Redact } {
  const { redact = createRedact() } = ports;
  return { ...ports, redact, store: redactStore(ports.store, redact), agents: redactedAgents(ports.agents, redact) };
}

function redactedAgents(agents: AgentExecutor, redact: Redact): AgentExecutor {
  return {
    resolveModel: (kind, request) => agents.resolveModel(kind, request),
    rateOf: (kind, request) => agents.rateOf(kind, request),
    run: async (task, abort) => redactAll(await agents.run(task, abort), redact),
    startJob: (task) => agents.startJob(task),
    pollJob: async (handle) => redactAll(await agents.pollJob(handle), redact),
    stopJob: (handle) => agents.stopJob(handle),
    forget: (handle) => agents.forget(handle),
  };
}
