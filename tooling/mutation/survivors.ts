/** A mutant that no test can or should notice, and why. `was` and `becomes` as docs/mutation.md prints them (100 characters). */
export interface ExplainedMutant {
  readonly file: string;
  readonly was: string;
  readonly becomes: string;
  readonly why: string;
}

type Change = readonly [was: string, becomes: string];

const because = (file: string, why: string, changes: readonly Change[]): readonly ExplainedMutant[] =>
  changes.map(([was, becomes]) => ({ file, was, becomes, why }));

const LAST_CASE = "equivalent: the last case of an exhaustive match takes whatever is left";
const IN_RANGE = "equivalent: the index is in range; the check is there for the compiler";
const NARROWED = "equivalent: only one case can come here; the check narrows the type for the compiler";
const REGISTERED = "equivalent: a step of an unregistered kind is refused when it is made";
const REMEMBERED = "equivalent: what is not remembered is made again, which takes time only";
const NO_VALUE = "equivalent: without a valid product there is no value, which the schema refuses like null";
const ENDED = "equivalent: a job that did not finish always has a failure";
const RECORDED = "not reachable: the effect came from a run with a pull request, and none is ever taken away; a second line of defence";

/** Every entry was reviewed; one that no longer survives fails `pnpm mutation`. */
export const survivors: readonly ExplainedMutant[] = [
  ...because("run/decide/answer.logic.ts", "equivalent: a step at -1 is as little there as none", [["index < 0", "false"]]),
  ...because("run/decide/answer.logic.ts", NARROWED, [["step !== undefined", "true"]]),
  ...because("run/decide/consequences.logic.ts", "equivalent: the event that brings the record also sets `run.merged`", [
    ["merge !== null", "false"],
  ]),
  ...because("run/decide/consequences.logic.ts", "equivalent: when a run is done all its steps are, and the quotient is 1", [
    ['run.phase.is === "done"', "false"],
    ['"done"', '""'],
  ]),
  ...because("run/decide/consequences.logic.ts", "equivalent: a finished run has no further transitions", [
    ["before?.phase.is === after.phase.is", "false"],
  ]),
  ...because("run/decide/consequences.logic.ts", "equivalent: a run has the steps its events are of, and at least one", [
    ["step === undefined", "false"],
    ["[]", '["Stryker was here"]'],
    ["last === undefined", "false"],
  ]),
  ...because("run/decide/consequences.logic.ts", NARROWED, [
    ['step.activity.is === "job"', "true"],
    ["before !== null", "true"],
    ['next.is === "rest"', "true"],
    ['next.is === "held"', "true"],
  ]),
  ...because(
    "run/decide/consequences.logic.ts",
    "not reachable with the kinds Millrace ships: none leaves another level than a task to be merged",
    [['input.block.level !== "task"', "false"]],
  ),
  ...because("run/decide/consequences.logic.ts", LAST_CASE, [
    ['{ is: "done" }', "{}"],
    ['{ is: "effect" }', "{}"],
  ]),
  ...because("run/decide/decide.logic.ts", LAST_CASE, [['{ command: "stopped" }', "{}"]]),
  ...because("run/decide/decide.logic.ts", NARROWED, [
    ['activity.is === "job"', "true"],
    ['activity.is === "effect"', "true"],
  ]),
  ...because(
    "run/decide/decide.logic.ts",
    "a second line of defence: a run that fails with a pull request asks the forge first, whatever it did",
    [
      ['activity.effect.request.do === "merge"', "false"],
      ['"merge"', '""'],
    ],
  ),
  ...because("run/model/due.logic.ts", LAST_CASE, [
    ['{ is: "pending" }', "{}"],
    ['{ is: "done" }', "{}"],
    ['{ is: "skipped" }', "{}"],
  ]),
  ...because("run/model/evolve.logic.ts", LAST_CASE, [['{ type: "run-cancelled" }', "{}"]]),
  ...because(
    "run/model/step-kind.ts",
    "equivalent: `Object.isFrozen` says yes for everything that is no object, and freezing twice is freezing once",
    [
      [
        'typeof value !== "object" || value === null || Object.isFrozen(value)',
        '(typeof value !== "object" || value === null) && Object.isFrozen(value)',
      ],
      ['typeof value !== "object" || value === null', "false"],
      ['typeof value !== "object" || value === null', 'typeof value !== "object" && value === null'],
      ['typeof value !== "object"', "false"],
      ["value === null", "false"],
    ],
  ),
  ...because("run/decide/transition.ts", LAST_CASE, [['{ to: "fail" }', "{}"]]),
  ...because("run/decide/transition.ts", "equivalent: only a failure is asked whether its outcome is awaited", [
    ['move.to === "fail"', "true"],
  ]),
  ...because("run/model/stored-run.ts", REMEMBERED, [["compacted.set(step, known);", ";"]]),
  ...because("run/pipelines/shape.logic.ts", IN_RANGE, [["step === undefined", "false"]]),
  ...because("run/pipelines/shape.logic.ts", "equivalent: every kind of the pipeline was looked up before", [
    ["known !== null", "true"],
    ["kind === null", "false"],
  ]),
  ...because("run/pipelines/shape.logic.ts", "not reachable: a step of an unknown kind is refused before a later one is looked at", [
    ["[]", '["Stryker was here"]'],
  ]),
  ...because("run/read/describe-event.logic.ts", "equivalent: what is no fact is not readable as one, and has no texts", [
    ['event.type !== "fact-recorded"', "false"],
  ]),
  ...because("run/read/describe-event.logic.ts", NARROWED, [["state === undefined", "false"]]),
  ...because("run/read/run-reason.logic.ts", IN_RANGE, [
    ["step?.kind", "step.kind"],
    ['""', '"Stryker was here!"'],
    ["step?.ratings", "step.ratings"],
    ["step?.loop", "step.loop"],
    ["head !== undefined", "true"],
    ["view?.mergeSent", "view.mergeSent"],
    ["view?.isInLine", "view.isInLine"],
    ["view !== undefined", "true"],
    ["view?.doing", "view.doing"],
    ["view?.verdict", "view.verdict"],
    ["step?.verdict", "step.verdict"],
  ]),
  ...because("run/read/run-reason.logic.ts", "equivalent: a live run that waits for nobody does something", [['"at work"', '""']]),
  ...because("run/read/run-reason.logic.ts", "equivalent: the step was found by its verdict", [
    [
      'steps.findLast(({ verdict }) => verdict?.says === "green")?.verdict?.head',
      'steps.findLast(({ verdict }) => verdict?.says === "green")?.verdict.head',
    ],
  ]),
  ...because("run/read/run-view.logic.ts", IN_RANGE, [["[]", '["Stryker was here"]']]),
  ...because("run/read/step-view.logic.ts", IN_RANGE, [["step === undefined", "false"]]),
  ...because("run/rules/dispatchable.logic.ts", REMEMBERED, [
    ["before !== undefined", "false"],
    ["known.set(step.definition, requests);", ";"],
  ]),
  ...because("run/rules/resolve-model.logic.ts", NARROWED, [['request.do === "ask-agent"', "true"]]),
  ...because("steps/shared/breaker.logic.ts", "equivalent: of two attempts the last is the second", [["-1", "+1"]]),
  ...because("steps/review/review.logic.ts", "not reachable: only what was replied to comes here", [['""', '"Stryker was here!"']]),
  ...because("steps/shared/stagnation.logic.ts", "not reachable: without a round there are no two that repeat", [
    ["now?.findings", "now.findings"],
    ["[]", '["Stryker was here"]'],
  ]),
  ...because(
    "steps/shared/stagnation.logic.ts",
    "equivalent: no number of findings is as high as the fewest of no rounds, which is infinity",
    [["earlier.length === 0", "false"]],
  ),
  ...because("steps/tester/test-report.logic.ts", "equivalent: a severity that is not listed comes first, where the critical ones are", [
    ['"critical"', '""'],
  ]),
  ...because("steps/shared/agent.logic.ts", IN_RANGE, [["step !== undefined", "true"]]),
  ...because("steps/shared/agent.logic.ts", REGISTERED, [
    ["context.input.kinds.get(step.definition.kind)?.contract", "context.input.kinds.get(step.definition.kind).contract"],
  ]),
  ...because("steps/shared/patience.logic.ts", NARROWED, [['activity.is === "effect"', "true"]]),
  ...because("steps/shared/attempts.logic.ts", ENDED, [
    ['outcome.is === "finished"', "true"],
    ['""', '"Stryker was here!"'],
  ]),
  ...because("steps/shared/attempts.logic.ts", "equivalent: an open breaker has attempts", [["log.at(-1)?.summary", "log.at(-1).summary"]]),
  ...because("steps/companion/index.ts", "equivalent: a round without fingerprints is compared like one that is not there", [
    ["rating.findings === undefined", "false"],
  ]),
  ...because("steps/companion/index.ts", NO_VALUE, [['answer.product.is === "valid"', "true"]]),
  ...because("steps/companion/index.ts", "not reachable with the kinds Millrace ships: every step that is graded has an output", [
    ["`${context.run.id}/${context.index}/${context.step.attempt}`", "``"],
    ["output?.digest", "output.digest"],
    ["output === null", "false"],
    ['{ to: "finish" }', "{}"],
    ['"finish"', '""'],
  ]),
  ...because(
    "steps/companion/index.ts",
    "not reachable: more rounds are granted only after a rating, and an unregistered kind is refused when its step is made",
    [
      ['""', '"Stryker was here!"'],
      ["[]", '["Stryker was here"]'],
      ["last?.summary", "last.summary"],
      ["last?.comments", "last.comments"],
    ],
  ),
  ...because("steps/companion/index.ts", REGISTERED, [
    [
      "context.input.kinds.get(context.step.definition.kind)?.companionOf",
      "context.input.kinds.get(context.step.definition.kind).companionOf",
    ],
  ]),
  ...because("steps/companion/index.ts", IN_RANGE, [["step !== undefined", "true"]]),
  ...because("steps/consensus/index.ts", "equivalent: only these two requests name an agent kind", [
    ['request.do === "ask-agent" || request.do === "start-job"', "true"],
    ['request.do === "ask-agent"', "true"],
  ]),
  ...because("steps/consensus/index.ts", IN_RANGE, [
    ["winner === undefined", "false"],
    ['{ to: "poll-again" }', "{}"],
    ['"poll-again"', '""'],
  ]),
  ...because("steps/consensus/index.ts", NO_VALUE, [['product.is === "valid"', "true"]]),
  ...because("steps/estimator/index.ts", NO_VALUE, [['product.is === "valid"', "true"]]),
  ...because("steps/gate/index.ts", "equivalent: one repair is none in vain yet, whatever it was", [["[]", '["Stryker was here"]']]),
  ...because(
    "steps/gate/index.ts",
    "not reachable: a helper is sent only with a verdict, under the head it is sent for; a second line of defence",
    [
      ["state.sentFor === null || state.verdict === null", "false"],
      ["state.sentFor === null || state.verdict === null", "state.sentFor === null && state.verdict === null"],
      ["state.sentFor === null", "false"],
      ["state.verdict === null", "false"],
    ],
  ),
  ...because("steps/gate/index.ts", RECORDED, [
    ["pullRequest === null", "false"],
    ['{ to: "finish" }', "{}"],
    ['"finish"', '""'],
  ]),
  ...because("steps/gate/index.ts", "equivalent: no gate is called so", [['""', '"Stryker was here!"']]),
  ...because("steps/gate/index.ts", "equivalent: without a failing check the blame is the change's", [['verdict.says === "red"', "true"]]),
  ...because("steps/gate/index.ts", "not reachable: a person is asked about a verdict only", [["verdict !== null", "true"]]),
  ...because("steps/gate/index.ts", "equivalent: the conflicts gate keeps its own conflicts and never comes here", [
    ["index < context.index", "index <= context.index"],
  ]),
  ...because("steps/job/index.ts", REGISTERED, [
    ["context.input.kinds.get(context.step.definition.kind)?.ingest", "context.input.kinds.get(context.step.definition.kind).ingest"],
  ]),
  ...because("steps/job/index.ts", ENDED, [
    ['outcome.is === "finished"', "true"],
    ['{ to: "poll-again" }', "{}"],
    ['"poll-again"', '""'],
  ]),
  ...because("steps/merger/index.ts", LAST_CASE, [['{ of: P.union("ask-agent", "start-job", "update-branch") }', "{}"]]),
  ...because("steps/merger/index.ts", "equivalent: a look at another change forgets its place and its assessment, and is assessed first", [
    ['known.place === "first"', "true"],
  ]),
  ...because("steps/merger/index.ts", "a second line of defence: without a pull request or a green verdict nothing is asked about", [
    ["pullRequest === null || verdict === null", "false"],
    ["pullRequest === null || verdict === null", "pullRequest === null && verdict === null"],
    ["pullRequest === null", "false"],
    ["verdict === null", "false"],
  ]),
  ...because("steps/merger/index.ts", "not reachable: the change was looked at before it is asked about", [
    ["`${verdict.head}+${verdict.base}`", "``"],
  ]),
  ...because(
    "steps/merger/index.ts",
    "a second line of defence: a run that fails with a pull request asks the forge first, whatever it did",
    [["true", "false"]],
  ),
  ...because("steps/merger/evidence.logic.ts", IN_RANGE, [["step === undefined", "false"]]),
  ...because("steps/merger/index.ts", ENDED, [
    ['outcome.is !== "finished"', "false"],
    ['{ to: "poll-again" }', "{}"],
    ['"poll-again"', '""'],
  ]),
  ...because("steps/merger/index.ts", NO_VALUE, [['outcome.answer.product.is === "valid"', "true"]]),
  ...because("steps/registry.ts", "equivalent: what has no name is never looked up", [["[]", '["Stryker was here"]']]),
  ...because("steps/release-health/index.ts", ENDED, [
    ['outcome.is !== "finished"', "false"],
    ["failure?.message", "failure.message"],
    ['"the job failed"', '""'],
  ]),
  ...because("steps/release-health/index.ts", "equivalent: a job that is given up was lost, and that is written down", [
    ["[]", '["Stryker was here"]'],
  ]),
  ...because("steps/release-health/index.ts", NO_VALUE, [['outcome.answer.product.is === "valid"', "true"]]),
  ...because("steps/review/changes.ts", LAST_CASE, [['{ is: "review-closed" }', "{}"]]),
  ...because("steps/review/changes.ts", IN_RANGE, [
    ["run.steps[index]?.definition", "run.steps[index].definition"],
    ['""', '"Stryker was here!"'],
  ]),
  ...because("steps/review/state.ts", LAST_CASE, [
    ['{ is: "incorporating" }', "{}"],
    ['{ is: "answers-collected" }', "{}"],
    ['{ is: "review-reopened" }', "{}"],
    ['{ is: "reworked" }', "{}"],
  ]),
  ...because("steps/review/state.ts", "equivalent: nothing else that it does has an iteration of its own", [
    ['now.is === "reviewing"', "true"],
  ]),
  ...because("steps/review/index.ts", NO_VALUE, [['answer.product.is === "valid"', "true"]]),
  ...because("steps/review/index.ts", "not reachable: a review begins and is taken up with its description", [
    ['""', '"Stryker was here!"'],
  ]),
  ...because("steps/review/index.ts", LAST_CASE, [['{ is: "answers" }', "{}"]]),
  ...because("steps/tester/index.ts", ENDED, [
    ['outcome.is !== "finished"', "false"],
    ['{ to: "poll-again" }', "{}"],
    ['"poll-again"', '""'],
  ]),
  ...because("steps/tester/index.ts", NO_VALUE, [['answer.product.is === "valid"', "true"]]),
  ...because("steps/tester/index.ts", "equivalent: by then the wait accepts no other answer", [['answer.answer === "proceed"', "true"]]),
  ...because("steps/tester/index.ts", "equivalent: its reason has at most 2,000 characters", [["question.slice(0, 8000)", "question"]]),
  ...because("steps/tester/index.ts", "not reachable: a fixer is sent only for a report, with a brief", [
    ['""', '"Stryker was here!"'],
    ["state.report?.head", "state.report.head"],
  ]),
];
