/** The host on the memory store: a runtime adds only the database to it. */
import { makeFolder, openHost } from "@millrace/runtime-host";
import { describeRuntimeConformance } from "./describe-runtime-conformance.fixture.js";
import { createMemoryStore } from "@millrace/testing";
import { boardSettings } from "./local-board.fixture.js";

const ONE_PROCESS = "what is in memory is in one process";
const clock = { now: () => Date.now() };

describeRuntimeConformance("memory", {
  async place(folder) {
    return {
      async open() {
        const settings = boardSettings(folder);
        await makeFolder(settings.folder);
        const memory = { ...createMemoryStore({ clock }), name: "memory", close: async () => undefined };
        const changed = () => new Promise<void>((resolve) => void setTimeout(resolve, 50));
        return openHost(settings, memory, { clock, leaseMs: 15_000, idleMs: 100, changed });
      },
      second: () => Promise.reject(new Error(ONE_PROCESS)),
    };
  },
  skips: {
    "two processes share one board: three tasks of one repository are merged once each, each on top of the others": ONE_PROCESS,
    "a process that is told to stop gives its runs back, and another one goes on with them": ONE_PROCESS,
    "a process that is killed takes nothing along: the next one of the machine goes on at once": ONE_PROCESS,
  },
});
