/** Services that are away for a while, credentials that are revoked for a while, and models that are not there. */
import { MillraceError, type AgentTask, type ModelAccess, type ModelStatus } from "@millrace/kernel";
import type { PortCall } from "@millrace/testing";
import type { Witness } from "../good-work/witness.js";

/** Prefix of the models that no host has. */
export const MISSING_MODEL = "nowhere:";

const CALLS_OF_AGENTS: ReadonlySet<string> = new Set(["run", "startJob", "pollJob"]);

export class Outages {
  readonly #witness: Witness;
  readonly #elapsed: () => number;
  readonly #until = { forge: 0, agents: 0, credentials: 0 };
  /** Number of looks that the forge did not answer. */
  unanswered = 0;
  /** Whether polls of jobs fail as calls do that a run is paused in front of. */
  #isHolding = false;

  /** `elapsed`: time that has really passed, in ms. */
  constructor(witness: Witness, elapsed: () => number) {
    this.#witness = witness;
    this.#elapsed = elapsed;
  }

  begin(what: "forge" | "agents" | "credentials", ms: number, isHolding = false): void {
    this.#until[what] = this.#elapsed() + ms;
    if (what === "agents") this.#isHolding = isHolding;
  }

  end(): void {
    for (const what of ["forge", "agents", "credentials"] as const) this.#until[what] = 0;
  }

  /** @throws MillraceError when the service that a call needs is away. */
  refuse({ port, method, args }: PortCall): void {
    if (port === "forge" && this.#isAway("forge")) {
      this.unanswered += 1;
      throw new MillraceError("forge_failed", "the forge is away");
    }
    if (port !== "agents" || !CALLS_OF_AGENTS.has(method)) return;
    if (this.#isAway("agents"))
      throw new MillraceError(this.#isHolding && method === "pollJob" ? "forge_down" : "unavailable", "the host of the agents is away");
    if (method === "run" || method === "startJob") this.#refuseCall(args[0] as AgentTask);
  }

  /** Models as the host has them. */
  readonly models: ModelAccess = {
    status: async ({ kind, pinned }): Promise<ModelStatus> => {
      const isThere = pinned?.startsWith(MISSING_MODEL) !== true;
      const usable = isThere && !this.#isAway("credentials");
      const why = usable ? "" : isThere ? "its credential is revoked" : "there is no such model";
      return { kind, model: pinned, usable, why, fix: usable ? "" : "choose another model", vendor: null };
    },
  };

  #refuseCall({ key, model }: AgentTask): void {
    const code = model?.startsWith(MISSING_MODEL) === true ? "model_missing" : this.#isAway("credentials") ? "agent_login" : null;
    if (code === null) return;
    this.#witness.did(key, { is: "refused", code });
    throw new MillraceError(code, code === "agent_login" ? "the credential is revoked" : `there is no model '${model}'`);
  }

  #isAway(what: "forge" | "agents" | "credentials"): boolean {
    return this.#elapsed() < this.#until[what];
  }
}
