import type { OutsideServices } from "@millrace/kernel";
import type { OrchestrationPorts } from "@millrace/orchestration";

/** One call of the engine to its host. */
export interface PortCall {
  readonly port: "store" | "wakeups" | "agents" | "forge" | keyof OutsideServices;
  /** Path of the method in its port: `commit`, `runs.get`, `startJob`. */
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Wraps a call: `act` performs it. Its result, or another one, is returned to the engine. */
export type Around = (call: PortCall, act: () => Promise<unknown>) => Promise<unknown>;

/** Ports whose every asynchronous call goes through `around`. Clock, ids and log are passed on unchanged. */
export function interceptPorts(ports: OrchestrationPorts, around: Around): OrchestrationPorts {
  const services: OutsideServices = {
    models: intercepted(ports.models, "models", around),
    environments: intercepted(ports.environments, "environments", around),
    tracker: intercepted(ports.tracker, "tracker", around),
    releases: intercepted(ports.releases, "releases", around),
    incidents: intercepted(ports.incidents, "incidents", around),
  };
  return {
    ...ports,
    ...services,
    store: intercepted(ports.store, "store", around),
    wakeups: intercepted(ports.wakeups, "wakeups", around),
    agents: intercepted(ports.agents, "agents", around),
    forges: { get: (name) => intercepted(ports.forges.get(name), "forge", around) },
  };
}

function intercepted<T extends object>(target: T, port: PortCall["port"], around: Around, path = ""): T {
  return new Proxy(target, {
    get(inner, property): unknown {
      const value: unknown = Reflect.get(inner, property);
      const method = `${path}${String(property)}`;
      if (value instanceof Function)
        return (...args: readonly unknown[]): Promise<unknown> =>
          around({ port, method, args }, async () => {
            const result: unknown = await Reflect.apply(value, inner, args);
            return result;
          });
      return typeof value === "object" && value !== null ? intercepted(value, port, around, `${method}.`) : value;
    },
  });
}
