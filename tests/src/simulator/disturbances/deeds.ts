/** What people do beside driving runs: settings, tasks, credentials, and two answers at once. */
import { checkPolicySchema, type Actor } from "@millrace/contracts";
import { openWait, type Orchestration } from "@millrace/orchestration";
import type { SimulatedBoard } from "../board.js";
import { isOver } from "../invariants.logic.js";
import type { Random } from "../random.logic.js";
import { lowered } from "../settings.logic.js";
import type { Users } from "../users.js";
import type { Watcher } from "../watcher.js";
import type { Environment } from "../environment.js";
import type { DeedOfPeople } from "./kinds.logic.js";
import { MISSING_MODEL, type Outages } from "./outages.js";

export interface DeedsOptions {
  readonly random: Random;
  readonly users: Users;
  readonly watcher: Watcher;
  readonly environment: Environment;
  readonly outages: Outages;
  readonly board: SimulatedBoard;
}

const ADA: Actor = { type: "human", id: "ada" };

export class Deeds {
  readonly #options: DeedsOptions;

  constructor(options: DeedsOptions) {
    this.#options = options;
  }

  /** A person does it at one process; null: there is nothing to do it to. */
  prepare(deed: DeedOfPeople): ((engine: Orchestration) => Promise<unknown>) | null {
    const { random, watcher, board, environment } = this.#options;
    const { workspaceId, serviceId } = board;
    const { block } = random.pick(board.tasks);
    switch (deed) {
      case "merge preset changed": {
        const input = { who: random.chance(0.3) ? "people" : "automatic", maxRisk: random.pick([0.1, 0.4, 0.9]) };
        return (engine) => engine.presets.update({ workspaceId, presetId: null, input, actor: ADA });
      }
      case "budget lowered": {
        const input = lowered(watcher.settings, "budget");
        return (engine) => engine.settings.put({ workspaceId, input, actor: ADA });
      }
      case "task limit lowered": {
        const input = lowered(watcher.settings, "task limit");
        return (engine) => engine.settings.put({ workspaceId, input, actor: ADA });
      }
      case "check policy changed": {
        const requiredChecks = random.pick([[], ["test"], ["lint"], ["test", "lint"]]);
        if (requiredChecks.includes("lint")) environment.ci.addLint();
        environment.witness.ruleChanges += 1;
        const input = checkPolicySchema.parse({ requiredChecks });
        return (engine) => engine.board.putChecks({ workspaceId, serviceId, input, actor: ADA });
      }
      case "model pinned that is not there": {
        const kind = random.pick(board.tasks.flatMap(({ pipeline }) => pipeline.steps)).kind;
        const input = { ...watcher.settings, models: { ...watcher.settings.models, [kind]: `${MISSING_MODEL}${kind}` } };
        return (engine) => engine.settings.put({ workspaceId, input, actor: ADA });
      }
      case "models chosen again": {
        if (Object.keys(watcher.settings.models).length === 0) return null;
        const input = { ...watcher.settings, models: {} };
        return (engine) => engine.settings.put({ workspaceId, input, actor: ADA });
      }
      case "task edited": {
        const input = { title: `task ${random.below(100)}`, moduleName: random.pick(["a module", null]) };
        return (engine) => engine.board.update({ workspaceId, blockId: block.id, input, actor: ADA });
      }
      case "task given a preset that is not there":
        return async (engine) => {
          await engine.board.update({ workspaceId, blockId: block.id, input: { presetId: "mpr_cautios" }, actor: ADA });
          watcher.violations.push({ rule: "P1", message: `'${block.id}' was given a merge preset that is not there` });
        };
      case "task moved to another parent": {
        const parentId = random.pick([serviceId, board.moduleId]);
        return async () => board.move(block.id, parentId);
      }
      case "task torn down":
        return (engine) => this.#tearDown(engine, block.id, [block.id]);
      case "service torn down":
        return (engine) => this.#tearDown(engine, serviceId, environment.blocks);
      case "two people answered at once":
        return null;
    }
  }

  /** Two people answer the same wait at the same moment; null: nobody is asked. */
  answerTwice(): ((engine: Orchestration, who: "grace" | "alan") => Promise<void>) | null {
    const { watcher, users, random } = this.#options;
    const asking = watcher.runs.filter((run) => openWait(run) !== null);
    if (asking.length === 0) return null;
    const { id } = random.pick(asking);
    return (engine, who) => users.answerFor(engine, id, { type: "human", id: who });
  }

  /** What was live at the beginning has ended at the end, in whatever part of the board its task is by then. */
  async #tearDown(engine: Orchestration, blockId: string, below: readonly string[]): Promise<void> {
    const { watcher, board, environment, outages } = this.#options;
    const before = watcher.runs.filter((run) => below.includes(run.blockId) && !isOver(run)).map(({ id }) => id);
    const landed = below.filter((id) => environment.landedOf(id).length > 0);
    const unanswered = outages.unanswered;
    await engine.execution.teardown({ workspaceId: board.workspaceId, blockId, actor: ADA, reason: "not any more" });
    for (const run of watcher.runs)
      if (before.includes(run.id) && !isOver(run))
        watcher.violations.push({ rule: "P9", message: `'${blockId}' was torn down, and run '${run.id}' is ${run.phase.is}` });
    if (outages.unanswered === unanswered) for (const id of landed) await watcher.givenBack(id);
  }
}
