/** What agents only claimed, and whether a run believes it (I16). */
import type { CommitSha, Run, RunEvent } from "@millrace/contracts";
import { gateStateOf } from "@millrace/orchestration";
import type { Violation } from "../violation.js";

/** Events that only people may be the reason of. */
const OF_PEOPLE: ReadonlySet<string> = new Set(["human-agreed", "human-answered", "step-approved"]);

export class Claims {
  readonly #commits = new Set<CommitSha>();
  readonly #empty = new Set<string>();

  /** A commit that is nowhere. */
  commit(commit: CommitSha): void {
    this.#commits.add(commit);
  }

  /** Key of a job that was to deliver a change, and delivered words. */
  empty(key: string): void {
    this.#empty.add(key);
  }

  /** What a run believes of it after a commit. */
  believed(run: Run, events: readonly RunEvent[]): readonly Violation[] {
    const facts = [
      run.merged,
      ...run.steps.flatMap(({ state }) => {
        const verdict = gateStateOf(state)?.verdict;
        return verdict == null ? [] : [verdict.head, verdict.base];
      }),
    ];
    const broken = facts.flatMap((fact) => (fact !== null && this.#commits.has(fact) ? [`'${fact}' was only claimed`] : []));
    for (const { event, actor } of events) {
      if (event.type === "output-recorded" && this.#empty.has(event.output.key))
        broken.push(`'${event.output.key}' delivered nothing but words, and is taken for done`);
      if (OF_PEOPLE.has(event.type) && actor.type === "agent") broken.push(`an agent is the reason of ${event.type}`);
    }
    return broken.map((what): Violation => ({ rule: "I16", message: `run '${run.id}': ${what}` }));
  }
}
