/** Faults that were found by use, put back one at a time: each with the rule that tells, in a world in which everything happens. */
import { pipelineSchema, type ErrorCode } from "@millrace/contracts";
import { isMillraceError, MillraceError, NOTHING_SPENT } from "@millrace/kernel";
import {
  builtInGates,
  createRegistries,
  defineEffect,
  gateStateOf,
  type DecisionInput,
  type DefinedStepKind,
  type EffectResult,
  type StepContext,
} from "@millrace/orchestration";
import { interceptPorts } from "@millrace/testing";
import { z } from "zod";
import { bound, forging, storing, type Broken } from "./broken.fixture.js";
import type { ViolatedRule } from "./violation.js";

/** A fault that was put back, and the rules one of which tells. */
export interface PutBack extends Broken {
  readonly told: readonly ViolatedRule[];
}

/** Work behind the merge that may fail. */
const BEHIND = pipelineSchema.parse({
  id: "pl_behind",
  name: "Behind",
  steps: ["coder", "conflicts", "ci", "merger", "documenter"].map((kind) => ({ kind })),
});

const { stepKinds } = createRegistries({});

/** An engine whose step kind of that name is given something else to decide on. */
function seeing(name: string, see: (context: StepContext, result: EffectResult) => readonly [StepContext, EffectResult]): Broken {
  const kind = stepKinds.get(name);
  const blind: DefinedStepKind = {
    ...kind,
    enter: (context, state) => kind.enter(see(context, NO_RESULT)[0], state),
    onResult: (context, state, result) => {
      const [seen, told] = see(context, result);
      return kind.onResult(seen, state, told);
    },
    answered: (context, state, wait, answer) => kind.answered(see(context, NO_RESULT)[0], state, wait, answer),
  };
  return { engine: { stepKinds: [blind] } };
}
const NO_RESULT: EffectResult = { of: "call", name: "", value: null };

function withInput(context: StepContext, input: Partial<DecisionInput>): StepContext {
  return { ...context, input: { ...context.input, ...input } };
}

/** Ports whose errors of some codes are taken for others. */
function mistaking(codes: readonly ErrorCode[], code: ErrorCode, port?: string): NonNullable<Broken["wrap"]> {
  return (ports) =>
    interceptPorts(ports, async (call, act) => {
      try {
        return await act();
      } catch (error) {
        const isOne = codes.some((one) => isMillraceError(error, one)) && (port === undefined || call.port === port);
        throw isOne ? new MillraceError(code, "it is taken for something else") : error;
      }
    });
}

const first = builtInGates.filter(({ name }) => name === "ci");

export const putBack: Readonly<Record<string, PutBack>> = {
  "F:A1 an engine that takes any base for its own": {
    told: ["I3"],
    isGoodWork: true,
    wrap: (ports) => {
      const bases = new Map<number, string>();
      return forging(ports, (forge) => ({
        async read(repository, pullRequest) {
          const state = await forge.read(repository, pullRequest);
          bases.set(pullRequest.number, state.base);
          return { ...state, base: repository.base };
        },
        merge: (repository, pullRequest, ...rest) =>
          forge.merge({ ...repository, base: bases.get(pullRequest.number) ?? repository.base }, pullRequest, ...rest),
        updateBranch: (repository, pullRequest, head) =>
          forge.updateBranch({ ...repository, base: bases.get(pullRequest.number) ?? repository.base }, pullRequest, head),
      }));
    },
  },
  "F:A2 an engine that sees no change of the checks that a forge requires": {
    told: ["I3"],
    isGoodWork: true,
    wrap: (ports) => {
      let before: string | null = null;
      return forging(ports, (forge) => ({
        async read(repository, pullRequest) {
          const state = await forge.read(repository, pullRequest);
          before ??= state.checkSettings;
          return { ...state, checkSettings: before };
        },
      }));
    },
  },
  "F:A3 a merger that is blind to changed settings": {
    told: ["I3"],
    isGoodWork: true,
    ...seeing("merger", (context, result) => {
      const verdict = context.run.steps
        .slice(0, context.index)
        .map(({ state }) => gateStateOf(state)?.verdict)
        .findLast((one) => one?.gate === "ci");
      if (verdict == null) return [context, result];
      const blind = withInput(context, { checkPolicyDigest: verdict.settings });
      if (result.of !== "probe") return [blind, result];
      return [blind, { ...result, state: { ...result.state, checkSettings: verdict.checkSettings } }];
    }),
  },
  "F:A7 an engine that merges without a last look": {
    told: ["I3"],
    wrap: (ports) =>
      interceptPorts(ports, async ({ port, method, args }, act) => {
        const answer = await act();
        if (port !== "store" || method !== "runs.revision" || typeof answer !== "number") return answer;
        const record = await ports.store.runs.get(String(args[0]), String(args[1]));
        return record?.status === "stopping" ? answer - 1 : answer;
      }),
  },
  "F:A8 an engine that takes nothing up behind a merge": {
    told: ["I14"],
    pipelines: [BEHIND],
    isGoodWork: false,
    engine: { stepKinds: [{ ...stepKinds.get("merger"), landsChange: false }] },
  },
  "F:A10 a board that takes any preset": {
    told: ["P1"],
    wrap: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        presets: {
          ...ports.store.presets,
          get: async (workspaceId, id) =>
            (await ports.store.presets.get(workspaceId, id)) ?? (await ports.store.presets.getDefault(workspaceId)),
        },
      },
    }),
  },
  "F:A10 an engine that merges by itself where people merge": {
    told: ["I3"],
    isGoodWork: true,
    ...seeing("merger", (context, result) => [withInput(context, { preset: { ...context.input.preset, who: "automatic" } }), result]),
  },
  "H:S5 an executor that takes an agent's word for a commit": {
    told: ["I16"],
    isGoodWork: false,
    wrap: (ports) => ({
      ...ports,
      agents: {
        ...bound(ports),
        async pollJob(handle) {
          const status = await ports.agents.pollJob(handle);
          if (status.is !== "ended" || status.outcome.is !== "finished") return status;
          const { observed } = status.outcome;
          if (observed === null || observed.claims.commit === null) return status;
          const { branch, claims } = observed;
          const pullRequest = observed.pullRequest ?? { id: "none", number: 9_999, url: claims.pullRequestUrl ?? "", branch, base: "main" };
          const believed = {
            commits: 1,
            treeChanged: true,
            remoteHead: observed.headAfter,
            pullRequest,
            claims: { commit: null, pullRequestUrl: null },
          };
          return { is: "ended", outcome: { ...status.outcome, observed: { ...observed, ...believed } } };
        },
      },
    }),
  },
  "F:B1 an engine that settles nothing of a call whose reply was lost": {
    told: ["I15"],
    isGoodWork: false,
    wrap: (ports) => ({
      ...ports,
      agents: { ...bound(ports), stopJob: (handle) => ports.agents.stopJob(handle).then(() => NOTHING_SPENT) },
    }),
  },
  "F:C1 a line in which everybody is first": {
    told: ["I14"],
    isCrowded: true,
    engine: {
      effects: [
        defineEffect({
          name: "take-place",
          input: z.strictObject({}),
          samples: [["it is first in line", { ahead: 0 }]],
          perform: () => Promise.resolve({ value: { ahead: 0 } }),
        }),
      ],
    },
  },
  "F:C1 a line that is never handed on": {
    told: ["I14", "I5"],
    isGoodWork: true,
    ...storing((ports, changes) => ports.store.commit(changes.filter(({ change }) => change !== "leave-landing-queue"))),
  },
  "F:C2 a patience that counts the wall clock": {
    told: ["I14"],
    isGoodWork: true,
    ...seeing("gate", ({ lookedMs: _looked, ...context }, result) => [context, result]),
  },
  "F:C2 an engine that gives up on what is away": {
    told: ["I14"],
    isGoodWork: true,
    wrap: mistaking(["unavailable", "forge_failed"], "model_failed"),
  },
  "F:C2 an engine that takes a job out of sight for lost": {
    told: ["I14", "I2", "P9"],
    isGoodWork: true,
    wrap: (ports) => ({
      ...ports,
      agents: {
        ...bound(ports),
        pollJob: (handle) =>
          ports.agents
            .pollJob(handle)
            .catch(() => ({ is: "ended", outcome: { is: "lost", transient: false, message: "it is out of sight", usage: null } })),
      },
    }),
  },
  "F:C3 a forge whose 404 is final": { told: ["I14"], isGoodWork: true, wrap: mistaking(["forge_failed"], "forge_refused", "forge") },
  "F:C6 a gate that throws": {
    told: ["I14"],
    isGoodWork: true,
    engine: {
      gates: first.map((gate) => ({
        ...gate,
        judge: () => {
          throw new TypeError("a defect");
        },
      })),
    },
  },
  "F:C9 a queue that no step of a clock repairs": {
    told: ["I5"],
    isGoodWork: true,
    wrap: (ports) =>
      interceptPorts(ports, ({ port, method }, act) => (port === "wakeups" && method === "realign" ? Promise.resolve(0) : act())),
  },
  "F:C11 a gate that blames the change for checks that cannot run": {
    told: ["I14"],
    isGoodWork: true,
    engine: { gates: first.map((gate) => ({ ...gate, blame: () => ({ on: "change" }) })) },
  },
};
