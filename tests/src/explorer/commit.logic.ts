/** Effects of a commit on the environment: wake-up, notifications, issued keys, and refusal by the budget. */
import type { Run } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { isLive, type Command, type Decision } from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import { allowedBy, assessedBy } from "./allowed.logic.js";
import { registries, type ExploredEngine } from "./engine.logic.js";
import { inputUnder } from "./input.logic.js";
import type { Environment, Harm } from "./environment.logic.js";

/** One possible result of committing a decision. */
export interface Outcome {
  readonly decision: Decision;
  readonly environment: Environment;
  readonly label: string;
  /** Default: none. */
  readonly harm?: Harm;
}

/**
 * Possible results of committing a decision. While the budget is exhausted, a commit that requests a metered call is refused, and the
 * same decision is committed paused in front of that call. Any such commit may be the first to find the budget exhausted.
 */
export function outcomes(
  engine: ExploredEngine,
  before: Run | null,
  decided: Pick<Outcome, "decision" | "environment">,
  command: Command,
  faults: FaultSet,
): readonly Outcome[] {
  const { decision, environment } = decided;
  const asked = costlyKey(decision.run);
  const accepted = { ...decided, label: "" };
  if (!faults.budget || asked === null || asked === costlyKey(before)) return [accepted];
  const hold = { because: "budget", until: null, message: "the budget is spent" } as const;
  const refused: Outcome = {
    decision: engine.holdDecision(decision, command, hold, inputUnder(environment), registries),
    environment: { ...environment, spent: true },
    label: ", and the budget is spent",
    harm: "passing",
  };
  return environment.spent ? [refused] : [accepted, refused];
}

/** Key of the metered call that the run requests or has in flight; repeated on purpose, like the budgets. */
function costlyKey(run: Run | null): string | null {
  const activity = run !== null && isLive(run) ? run.steps[run.cursor]?.activity : undefined;
  if (activity?.is === "job") return activity.job.key;
  if (activity?.is !== "effect" || activity.effect.hold !== null) return null;
  const { key, request } = activity.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? key : null;
}

/** The environment after the commit of what `command` meant for `before`. */
export function committed(
  environment: Environment,
  { before, command, changes, events }: { before: Run; command: Command; changes: readonly Change[]; events: Decision["events"] },
): Environment {
  const asked = events.flatMap(({ event }) => (event.type === "effect-requested" ? [event.effect.key] : []));
  let { wake, notifications, place } = environment;
  for (const change of changes) {
    if (change.change === "wake") wake = true;
    if (change.change === "unwake") wake = false;
    if (change.change === "leave-landing-queue") place = "none";
    if (change.change === "raise-notification") notifications = [...notifications, change.notification.id];
    if (change.change === "resolve-notification") notifications = notifications.filter((id) => id !== change.id);
  }
  const allowed = allowedBy(before, command, environment) ?? environment.allowed;
  return {
    ...environment,
    wake,
    notifications,
    allowed,
    assessed: assessedBy(before, command, environment) ?? environment.assessed,
    place,
    keys: asked.length === 0 ? environment.keys : [...environment.keys, ...asked],
  };
}
