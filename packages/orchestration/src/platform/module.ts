/**
 * Modules: the parts of the platform around the engine, each with its service, its sweeps and its events.
 *
 * Owns: what a module declares, and the check that no two declare the same. Does not own: any module; `compose.ts` is the only file that
 * sees every one. A module never imports another: what it needs of one is given to it there, as a function.
 */
import type { BoardEventBody } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";

/** Periodic work for all workspaces at once. Any number of processes may do it at the same time. */
export interface Sweep {
  /** Unique name, used in logs: `notifications.escalate`. */
  readonly name: string;
  /** Pause between two passes, in ms. Default: 60,000. */
  readonly everyMs?: number;
  /**
   * One pass over what is due at `now` (epoch ms), at most `limit` rows of it, found by an index. Returns how many it dealt with; when
   * that is 0, nothing was written. It ends early, at a row's end, when `signal` aborts.
   */
  run(now: number, limit: number, signal: AbortSignal): Promise<number>;
}

/** Pause between two passes of a sweep that names none, in ms. */
export const DEFAULT_SWEEP_MS = 60_000;

/** The events a module owns. */
export interface ModuleEvents {
  readonly types: readonly BoardEventBody["type"][];
  /** The event as one line for people; null for an event of another module. */
  describe(event: BoardEventBody): string | null;
}

/** A module's contributions to the platform. */
export interface Module<Service = unknown> {
  /** Its folder's name. */
  readonly name: string;
  readonly service: Service;
  readonly sweeps: readonly Sweep[];
  readonly events: ModuleEvents;
}

const NO_EVENTS: ModuleEvents = { types: [], describe: () => null };

/** Defines a module. Default: no sweeps, no events. */
export function defineModule<Service>(
  module: Pick<Module<Service>, "name" | "service"> & Partial<Pick<Module, "sweeps" | "events">>,
): Module<Service> {
  return { sweeps: [], events: NO_EVENTS, ...module };
}

type EventSchema = z.ZodType<BoardEventBody> & { readonly shape: { readonly type: { readonly value: BoardEventBody["type"] } } };

/** Defines the events of a module: their schemas (`contracts/<module>/events.schema.ts`), and a line for people for each. */
export function defineEvents<const Schemas extends readonly [EventSchema, ...EventSchema[]]>(
  schemas: Schemas,
  describe: (event: z.infer<Schemas[number]>) => string,
): ModuleEvents {
  const own = z.union(schemas);
  return {
    types: schemas.map(({ shape }) => shape.type.value),
    describe(event) {
      const parsed = own.safeParse(event);
      return parsed.success ? describe(parsed.data) : null;
    },
  };
}

/** The modules of one composition. */
export class ModuleList {
  readonly #modules: Module[] = [];

  /** Takes a module in, and returns its service. */
  add<Service>(module: Module<Service>): Service {
    this.#modules.push(module);
    return module.service;
  }

  /** Sweeps of all modules, in the order in which they were added. */
  get sweeps(): readonly Sweep[] {
    return this.#modules.flatMap(({ sweeps }) => sweeps);
  }

  /** The event as one line for people, by the module that owns it. Default: the event's type. */
  describe(event: BoardEventBody): string {
    return this.#modules.map(({ events }) => events.describe(event)).find((line) => line !== null) ?? event.type;
  }

  /**
   * Checks that no two modules declare the same name, sweep or event.
   * @throws MillraceError `config_invalid` naming everything that is declared twice.
   */
  check(): void {
    const twice = [
      ...repeated(this.#modules.map(({ name }) => `module '${name}'`)),
      ...repeated(this.sweeps.map(({ name }) => `sweep '${name}'`)),
      ...repeated(this.#modules.flatMap(({ events }) => events.types.map((type) => `event '${type}'`))),
    ];
    if (twice.length > 0)
      throw new MillraceError("config_invalid", `declared more than once: ${twice.join(", ")}`, { fix: "give each its own name" });
  }
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
