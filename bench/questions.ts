import { boardSize } from "./board-size.question.ts";
import { boards } from "./boards.question.ts";
import { finishedRuns } from "./finished-runs.question.ts";
import { forgeRequests } from "./forge-requests.question.ts";
import type { Question } from "./measure.ts";
import { modelProxy } from "./model-proxy.question.ts";
import { parkedRuns } from "./parked-runs.question.ts";
import { postgresAway, postgresRate } from "./postgres-rate.question.ts";
import { position } from "./position.question.ts";
import { stepRate } from "./rate.question.ts";
import { recovery } from "./recovery.question.ts";
import { runBytes } from "./run-bytes.question.ts";
import { sandboxStart } from "./sandbox.question.ts";
import { wakeUp } from "./wake-up.question.ts";

/** By the names that `--only` takes, in the order of the report. */
export const questions: ReadonlyMap<string, Question> = new Map([
  ["rate", stepRate],
  ["postgres", postgresRate],
  ["postgres-away", postgresAway],
  ["wake-up", wakeUp],
  ["board", boardSize],
  ["boards", boards],
  ["position", position],
  ["history", finishedRuns],
  ["parked", parkedRuns],
  ["recovery", recovery],
  ["bytes", runBytes],
  ["forge", forgeRequests],
  ["proxy", modelProxy],
  ["sandbox", sandboxStart],
]);
