/** Services fit the operation table: what a caller says of an operation is what its method takes, and what it returns is what is answered. */
import { operations, type Actor, type OperationName } from "@millrace/contracts";
import { expect, it } from "vitest";
import type { z } from "zod";
import type { Orchestration } from "./index.js";

type Input<Name extends OperationName> = z.output<(typeof operations)[Name]["input"]>;
type Output<Name extends OperationName> = (typeof operations)[Name]["output"] extends infer Schema extends z.ZodType
  ? z.input<Schema>
  : void;
type Calls = { readonly [Name in OperationName]: (on: Orchestration, input: Input<Name>, actor: Actor) => Promise<Output<Name>> };

const calls: Calls = {
  "workspaces.create": ({ board }, input, actor) => board.createWorkspace({ ...input, actor }),
  "board.addService": ({ board }, input, actor) => board.addService({ ...input, actor }),
  "board.addTask": ({ board }, { workspaceId, parentId, ...input }, actor) => board.addTask({ workspaceId, parentId, input, actor }),
  "board.updateTask": ({ board }, { workspaceId, blockId, ...input }, actor) => board.updateTask({ workspaceId, blockId, input, actor }),
  "board.removeTask": ({ board }, input, actor) => board.removeTask({ ...input, actor }),
  "board.putChecks": ({ board }, { checks, ...input }, actor) => board.putChecks({ ...input, input: checks, actor }),
  "board.putTesting": ({ board }, { testing, ...input }, actor) => board.putTesting({ ...input, input: testing, actor }),
  "presets.update": ({ presets }, { workspaceId, presetId, ...input }, actor) => presets.update({ workspaceId, presetId, input, actor }),
  "runs.start": ({ execution }, input, actor) => execution.start({ ...input, actor }),
  "runs.stop": ({ execution }, input, actor) => execution.stop({ ...input, as: "failed", actor }),
  "runs.cancel": ({ execution }, input, actor) => execution.cancel({ ...input, actor }),
  "runs.retry": ({ execution }, input, actor) => execution.retry({ ...input, actor }),
  "runs.restart": ({ execution }, input, actor) => execution.restart({ ...input, actor }),
  "runs.merge": ({ execution }, input, actor) => execution.merge({ ...input, actor }),
  "runs.answer": ({ execution }, input, actor) => execution.answer({ ...input, actor }),
  "runs.resume": ({ execution }, input, actor) => execution.resume({ ...input, actor }),
  "runs.resumePaused": ({ execution }, input, actor) => execution.resumePaused({ ...input, actor }),
  "reviews.latest": ({ reviews }, input) => reviews.latest(input),
  "reviews.ofRun": ({ reviews }, input) => reviews.ofRun(input),
  "reviews.answer": ({ reviews }, input, actor) => reviews.answer({ ...input, actor }),
  "reviews.incorporate": ({ reviews }, input, actor) => reviews.incorporate({ ...input, actor }),
  "reviews.proceed": ({ reviews }, input, actor) => reviews.proceed({ ...input, actor }),
  "reviews.extraRound": ({ reviews }, input, actor) => reviews.extraRound({ ...input, actor }),
};

it("every operation is a method of a service", () => {
  expect(Object.keys(calls)).toEqual(Object.keys(operations));
});
