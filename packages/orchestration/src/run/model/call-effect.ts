import type { Sample } from "@millrace/agents";
import type { JsonValue, Run, Step } from "@millrace/contracts";
import { MillraceError, type Change } from "@millrace/kernel";
import type { z } from "zod";
import type { DecisionInput } from "./decision-input.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** What a registered effect sees. `key` is its identity: the world must see the same key as the same thing. */
export interface EffectContext {
  readonly run: Run;
  readonly step: Step;
  readonly index: number;
  readonly key: string;
  readonly input: DecisionInput;
  readonly ports: OrchestrationPorts;
  readonly at: number;
}

/** What came of it, and what must land in the same commit. */
export interface Performed {
  readonly value: JsonValue;
  readonly writes?: readonly Change[];
}

/**
 * An effect a step asks for by name (`{ do: "call", name, input }`). One file and one line in the registry. It is stored before it
 * is performed and may be performed again under the same key after a crash: it is idempotent, or reads the world first.
 */
export interface CallEffect<I = JsonValue> {
  readonly name: string;
  readonly input: z.ZodType<I>;
  perform(input: I, context: EffectContext): Promise<Performed>;
  /** Values it may return, by what they mean: what the tools that play an engine let it return. Default: none. */
  readonly samples?: readonly Sample[];
}

/** Hides an effect's own input behind JSON, checking it at the seam. */
export function defineEffect<I>(effect: CallEffect<I>): CallEffect {
  return {
    name: effect.name,
    samples: effect.samples ?? [],
    input: effect.input as z.ZodType<JsonValue>,
    perform: (input, context) => effect.perform(effect.input.parse(input), context),
  };
}

export interface CallEffects {
  get(name: string): CallEffect;
}

export function createCallEffects(effects: readonly CallEffect[]): CallEffects {
  const byName = new Map(effects.map((effect) => [effect.name, effect]));
  return {
    get(name) {
      const effect = byName.get(name);
      if (effect === undefined)
        throw new MillraceError("stored_shape_invalid", `no effect '${name}' is registered`, {
          fix: `register it in composeOrchestration({ effects }); known: ${[...byName.keys()].join(", ")}`,
        });
      return effect;
    },
  };
}
