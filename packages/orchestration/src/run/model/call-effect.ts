import type { JsonValue, Run, Step } from "@millrace/contracts";
import {
  MillraceError,
  type Change,
  type DigestText,
  type IdSource,
  type OutsideServices,
  type Redact,
  type StoreReads,
} from "@millrace/kernel";
import type { z } from "zod";
import type { DecisionInput } from "./decision-input.js";

/** Name of an outside service that an effect may need. */
export type ServiceName = keyof OutsideServices;

/** The ports that every call effect may use. */
export interface EffectPorts {
  /** For reading: writes are returned, so that they land in the commit of the result. */
  readonly store: StoreReads;
  readonly ids: IdSource;
  /** Default: Web Crypto. */
  readonly digestText?: DigestText;
  /** Default: known shapes of tokens. */
  readonly redact?: Redact;
}

/** Everything a call effect sees, with the outside services it declares in `needs`. */
export interface EffectContext<Needed extends ServiceName = never> {
  readonly run: Run;
  readonly step: Step;
  /** Position of the step in the run, from 0. */
  readonly index: number;
  /** Identity of the effect: outside services must take the same key for the same request. */
  readonly key: string;
  readonly input: DecisionInput;
  readonly ports: EffectPorts;
  readonly services: Pick<OutsideServices, Needed>;
  /** Epoch ms. */
  readonly at: number;
}

/** A value that an effect may return, its meaning, and how long after its step began it is returned, in ms; default: 0, at once. */
export type EffectSample = readonly [meaning: string, value: JsonValue, afterMs?: number];

/** The result of a call effect, and the writes that must land in its commit. */
export interface CallResult {
  readonly value: JsonValue;
  /** Default: none. */
  readonly writes?: readonly Change[];
}

/**
 * An effect a step asks for by name (`{ do: "call", name, input }`). A step kind brings its own in `effects`. It is stored before it is
 * performed and may be performed again under the same key after a crash: it must be idempotent, or read first.
 */
export interface CallEffect {
  readonly name: string;
  /** Outside services it uses; it is handed no others. */
  readonly needs: readonly ServiceName[];
  /** @throws MillraceError `validation` for an input of another shape, and as the services it uses. */
  perform(input: JsonValue, context: EffectContext<ServiceName>): Promise<CallResult>;
  /** Values it may return, by what they mean: what the tools that play an engine let it return. Default: none. */
  readonly samples?: readonly EffectSample[];
}

/** A call effect in the types of its own input and of the services it needs. */
export interface CallEffectDefinition<I, Needed extends ServiceName = never> {
  readonly name: string;
  readonly input: z.ZodType<I>;
  /** Default: none. */
  readonly needs?: readonly Needed[];
  /** Default: none. */
  readonly samples?: readonly EffectSample[];
  perform(input: I, context: EffectContext<Needed>): Promise<CallResult>;
}

/** Makes a call effect: validates its input, and hands it the services it needs and no others. */
export function defineEffect<I, const Needed extends ServiceName = never>(effect: CallEffectDefinition<I, Needed>): CallEffect {
  const needs = effect.needs ?? [];
  return {
    name: effect.name,
    needs,
    samples: effect.samples ?? [],
    perform(input, context) {
      const parsed = effect.input.safeParse(input);
      if (!parsed.success)
        throw new MillraceError("validation", `the input of the effect '${effect.name}' does not have its shape`, {
          fix: "correct the step kind that asks for it",
        });
      return effect.perform(parsed.data, { ...context, services: pick(context.services, needs) });
    },
  };
}

function pick<Needed extends ServiceName>(services: OutsideServices, needs: readonly Needed[]): Pick<OutsideServices, Needed> {
  return Object.fromEntries(needs.map((name) => [name, services[name]])) as Pick<OutsideServices, Needed>;
}

/** Call effects by name. Passed in by reference; there is no global registry. */
export interface CallEffects {
  /**
   * The effect of that name.
   *
   * @throws MillraceError `stored_shape_invalid` when none is registered.
   */
  get(name: string): CallEffect;
}

/** A registry of the given effects; a later one replaces an earlier one of the same name. */
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
