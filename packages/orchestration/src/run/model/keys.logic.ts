import type { Run, Step } from "@millrace/contracts";

/** Key of the next effect of a step: `run/step/attempt/phase.n`. Stored before the effect happens, so a crash repeats the same key. */
export function nextEffectKey(run: Run, index: number, step: Step, phase: string): string {
  return `${run.id}/${index}/${step.attempt}/${phase}.${step.effects + 1}`;
}

/** Id of the next wait of a step. */
export function nextWaitId(run: Run, index: number, step: Step): string {
  return `${run.id}.${index}.${step.attempt}.${step.waits + 1}`;
}

/** Key of the product behind a rendered answer, stored beside the text that people read. */
export function productKey(outputKey: string): string {
  return `${outputKey}+product`;
}

/** Key of the call that asks an agent for a readable answer once more. */
export function repairKey(callKey: string): string {
  return `${callKey}+repair`;
}
