import type { AgentLaunch } from "@millrace/executors";
import { MillraceError, modelProxyOff, type Clock, type ModelProxy } from "@millrace/kernel";
import { createModelProxy, hostDoors } from "@millrace/runtime-host";
import { modelKeyOf } from "../config/model-keys.logic.js";
import type { SandboxChoice } from "../config/sandbox-choice.js";
import type { Io } from "../io.js";

/** The way of the chosen agent to its model. */
export interface Models {
  /** In one line, for people. */
  way(launch: AgentLaunch): string;
  /** @throws MillraceError `config_invalid` with the variable that is not set, for an agent that reaches no model. */
  require(launch: AgentLaunch): void;
  /** With the key of the agent's provider; off for an agent that has none. `folder`: that of the board. */
  proxy(launch: AgentLaunch | null, folder: string): ModelProxy;
  /** Values that are never stored. */
  secrets(launch: AgentLaunch | null): readonly string[];
}

/** The models of a user: keys are read from the environment, each for its one host. */
export function createModels({ env, clock, sandbox }: { env: Io["env"]; clock: Clock; sandbox: Pick<SandboxChoice, "name"> }): Models {
  const keyOf = (launch: AgentLaunch | null) => {
    const needed = launch === null || sandbox.name() === "none" ? null : modelKeyOf(launch);
    return needed === null ? null : { ...needed, value: env[needed.variable]?.trim() ?? "" };
  };
  return {
    way(launch) {
      const key = keyOf(launch);
      if (key !== null) return `model by ${new URL(key.baseUrl).host} with ${key.variable}`;
      return launch.home === "user" ? "model by its own login" : "model by its own way";
    },
    require(launch) {
      const key = keyOf(launch);
      if (key === null || key.value !== "") return;
      const host = new URL(key.baseUrl).host;
      throw new MillraceError("config_invalid", `the agent '${launch.name}' reaches its model with '${key.variable}', which is not set`, {
        fix: `set it to your key for ${host}; or, to let agents use their own login and do whatever you can: millrace sandbox none`,
        details: { agent: launch.name, variable: key.variable },
      });
    },
    proxy(launch, folder) {
      const key = keyOf(launch);
      if (key === null || key.value === "") return modelProxyOff;
      const { name, formats, baseUrl, value } = key;
      return createModelProxy({ ...hostDoors(folder), clock, providers: [{ name, formats, baseUrl, key: async () => value }] });
    },
    secrets(launch) {
      const key = keyOf(launch);
      return key === null ? [] : [key.value];
    },
  };
}
