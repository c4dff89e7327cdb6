/** Simulated outside services. They are idempotent by key, as their contract says: an equal key returns the same environment or ticket. */
import type { OutsideServices } from "@millrace/kernel";
import type { Coverage, CoverageKind } from "./coverage.logic.js";
import type { Random } from "./random.logic.js";

export class SimulatedServices {
  readonly #random: Random;
  readonly #coverage: Coverage;
  readonly #made = new Map<string, number>();

  constructor(random: Random, coverage: Coverage) {
    this.#random = random;
    this.#coverage = coverage;
  }

  get ports(): Omit<OutsideServices, "models"> {
    return {
      environments: {
        isOn: true,
        provision: async ({ key }) => {
          const id = `env-${this.#make(key, "environment provisioned")}`;
          return { provider: "memory", id, status: "ready", url: null, expiresAt: null };
        },
      },
      tracker: {
        isOn: true,
        fileIssue: async ({ key }) => {
          const number = this.#make(key, "ticket filed");
          return { externalId: `T-${number}`, url: `memory:T-${number}` };
        },
      },
      releases: {
        isOn: true,
        signals: async () => {
          const isBad = this.#random.chance(0.2);
          if (isBad) this.#coverage.count("release in alert");
          return [{ kind: "monitor", id: "errors", name: "errors", state: isBad ? "alert" : "ok", detail: null }];
        },
        evidence: async () => ({ signals: [], errors: [], notes: [] }),
      },
      incidents: { isOn: true, enrich: async ({ key }) => this.#make(key, "incident enriched") > 0 },
    };
  }

  /** Number of the thing that a key made; made on the first call. */
  #make(key: string, what: CoverageKind): number {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    this.#coverage.count(what);
    this.#made.set(key, this.#made.size + 1);
    return this.#made.size;
  }
}
