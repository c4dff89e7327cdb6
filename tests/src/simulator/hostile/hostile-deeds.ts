/** What agents do at the engine's door and in the repository, against their host (I16). */
import type { Actor } from "@millrace/contracts";
import { taskBranch } from "@millrace/kernel";
import { acceptedAnswers, openWait, type Orchestration } from "@millrace/orchestration";
import type { SimulatedBoard } from "../board.js";
import type { Coverage } from "../coverage.logic.js";
import type { Environment } from "../environment.js";
import type { Process } from "../fleet.js";
import type { Random } from "../random.logic.js";
import type { Scheduler } from "../scheduler.js";
import { yes, type Users } from "../users.js";
import type { Watcher } from "../watcher.js";
import { hostileDeeds, type HostileDeed } from "./kinds.logic.js";

/** Share of events of the world that are deeds of agents. */
const DEEDS = 0.02;
const AGENT: Actor = { type: "agent", id: "coder" };
const ADA: Actor = { type: "human", id: "ada" };

export interface HostileDeedsOptions {
  /** A source of its own, so that everything else is drawn as without deeds. */
  readonly random: Random;
  readonly environment: Environment;
  readonly coverage: Coverage;
  readonly scheduler: Scheduler;
  readonly processes: readonly Process[];
  readonly users: Users;
  readonly watcher: Watcher;
  readonly board: SimulatedBoard;
  readonly trace: (line: string) => void;
}

export class HostileDeeds {
  readonly #options: HostileDeedsOptions;
  #count = 0;

  constructor(options: HostileDeedsOptions) {
    this.#options = options;
  }

  /** Before each event of the world: whether an agent takes its place. */
  isDue(): boolean {
    return this.#options.random.chance(DEEDS);
  }

  /** An agent does something at a process, or in the repository. */
  async happen(): Promise<void> {
    const { random, coverage, processes, scheduler, users, watcher, trace } = this.#options;
    const deed = random.weighted(hostileDeeds);
    const process = random.pick(processes);
    if (deed === "base moved by an agent" || deed === "branch of another task moved by an agent") {
      if (!this.#push(deed)) return;
    } else {
      const act = this.#at(deed);
      if (act === null) return;
      await scheduler.spawn(process.name, deed, () =>
        users.tried(deed, async () => {
          await act(process.engine);
          watcher.violations.push({ rule: "I16", message: `${deed}: it was accepted` });
        }),
      );
    }
    coverage.count(deed);
    trace(`an agent: ${deed}`);
  }

  /** What it tries at the engine's door; null: there is nothing to try it on. */
  #at(deed: HostileDeed): ((engine: Orchestration) => Promise<unknown>) | null {
    const { random, watcher, board } = this.#options;
    const { workspaceId } = board;
    if (deed === "settings changed by an agent") {
      const input = { who: "automatic", maxRisk: 1 } as const;
      return (engine) => engine.presets.update({ workspaceId, presetId: null, input, actor: AGENT });
    }
    if (deed === "merge asked for by an agent") {
      const blockId = random.pick(board.tasks).block.id;
      return (engine) => engine.execution.merge({ workspaceId, blockId, actor: AGENT });
    }
    const asking = watcher.runs.flatMap((run) => {
      const wait = openWait(run);
      return wait === null ? [] : [{ run, wait }];
    });
    if (asking.length === 0) return null;
    const { run, wait } = random.pick(asking);
    const isOther = deed === "answer meant for another run";
    const others = watcher.runs.filter(({ id }) => id !== run.id);
    if (isOther && others.length === 0) return null;
    const runId = isOther ? random.pick(others).id : run.id;
    return (engine) =>
      engine.execution.answer({
        workspaceId,
        runId,
        wait: wait.id,
        subject: wait.subject,
        actor: isOther ? ADA : AGENT,
        reply: yes(wait, acceptedAnswers(run, engine.stepKinds)),
      });
  }

  /** What it pushes past the engine. */
  #push(deed: "base moved by an agent" | "branch of another task moved by an agent"): boolean {
    const { random, environment } = this.#options;
    const { forge, repository, witness } = environment;
    this.#count += 1;
    if (deed === "base moved by an agent") {
      forge.push(repository, repository.base, { "side-door": `good ${this.#count}` });
      witness.baseMoves += 1;
      return true;
    }
    const branch = taskBranch({ id: random.pick(environment.blocks) });
    if (forge.head(repository, branch) === null) return false;
    witness.pushed(branch);
    forge.push(repository, branch, { "side-door": `good ${this.#count}` });
    return true;
  }
}
