import type { FiledIssue, ReleaseSignal } from "@millrace/kernel";
import { LOG_START, MillraceError } from "@millrace/kernel";
import { outsideServicesOff } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { completedCheck, createTestHost, summaryOf, type TestHost, type TestHostOptions } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const DELIVER = [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }];
const deliverers = { coder: { change: { a: "1" } }, merger: { answer: score } } as const;

async function drive(options: TestHostOptions): Promise<{ readonly host: TestHost; readonly id: string }> {
  const host = await createTestHost(options);
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  const { id } = await host.start();
  await host.drive();
  return { host, id };
}

describe("the tracker", () => {
  it("files the report before it, once for its key, under the service", async () => {
    const filed = new Map<string, { title: string; body: string }>();
    const { host, id } = await drive({
      pipeline: { steps: [{ kind: "analysis" }, { kind: "tracker" }] },
      script: { analysis: { say: "the cache is never emptied" } },
      services: {
        tracker: {
          isOn: true,
          fileIssue: async ({ key, title, body }): Promise<FiledIssue> => {
            filed.set(key, { title, body });
            return { externalId: "T-1", url: "https://example.com/T-1" };
          },
        },
      },
    });
    expect([...filed.values()]).toEqual([{ title: "Tech debt: a task", body: "the cache is never emptied" }]);
    expect(await host.output(id, 1)).toBe("T-1: https://example.com/T-1");
  });

  it("without a tracker the step says so and goes on", async () => {
    const { host, id } = await drive({ pipeline: { steps: [{ kind: "tracker" }] } });
    expect(await host.output(id, 0)).toMatch(/nothing was filed/);
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("a tracker that is away never fails the run, and it is written down", async () => {
    const refuse = (): Promise<never> => Promise.reject(new MillraceError("forge_refused", "no such project"));
    const { host, id } = await drive({
      pipeline: { steps: [{ kind: "tracker" }] },
      services: { tracker: { isOn: true, fileIssue: refuse } },
    });
    const run = await host.run(id);
    expect(run.phase.is).toBe("done");
    expect(run.steps[0]?.state).toMatchObject({ notFiled: "forge_refused: no such project" });
  });
});

describe("the deployer", () => {
  type Status = "provisioning" | "ready" | "failed";

  /** A provider whose environment has these statuses, one per look; the last one stays. */
  function provider(...statuses: readonly [Status, ...Status[]]) {
    const calls: string[] = [];
    let asked = 0;
    const environments = {
      isOn: true,
      provision: async ({ key }: { readonly key: string }) => {
        calls.push(key);
        const status = statuses[Math.min(asked, statuses.length - 1)] ?? "ready";
        asked += 1;
        return { provider: "previews", id: "env_1", status, url: status === "ready" ? "https://env" : null, expiresAt: 0 };
      },
      takeDown: async ({ runId }: { readonly runId: string }) => {
        calls.push(`down ${runId}`);
      },
    };
    return { calls, services: { environments } };
  }

  it("F:A13 waits until the environment is ready, asking under the effect's key, and takes it down when the run is done", async () => {
    const { calls, services } = provider("provisioning", "provisioning", "ready");
    const { host, id } = await drive({ pipeline: { steps: [{ kind: "deployer" }] }, services });
    expect(await host.output(id, 0)).toBe("previews: ready, https://env, until 1970-01-01T00:00:00.000Z");
    expect((await host.run(id)).steps[0]?.model).toBe("environment:previews");
    const key = `${id}/0/1/provision.1`;
    expect(calls).toEqual([key, key, key, `down ${id}`]);
    expect(await host.wakeups.nextDueAt()).toBeNull();
  });

  it.each<[string, readonly [Status], string, string]>([
    ["failed", ["failed"], "processing", "environment_failed"],
    ["never gets ready", ["provisioning"], "timeout", "environment_timeout"],
  ])("F:A13 an environment that %s fails the run, and is taken down", async (_name, statuses, kind, code) => {
    const { calls, services } = provider(...statuses);
    const { host, id } = await drive({ pipeline: { steps: [{ kind: "deployer" }, { kind: "documenter" }] }, services });
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind, code } });
    expect(calls.at(-1)).toBe(`down ${id}`);
  });

  it("F:A13 the environment of a stopped run is taken down, and of one whose provider was away at first", async () => {
    const { calls, services } = provider("ready");
    let isAway = true;
    const takeDown: typeof services.environments.takeDown = (request) => {
      if (!isAway) return services.environments.takeDown(request);
      isAway = false;
      return Promise.reject(new MillraceError("unavailable", "the provider is away"));
    };
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "deployer" }, { kind: "coder" }] },
      script: { coder: { polls: 1_000_000 } },
      services: { environments: { ...services.environments, takeDown } },
    });
    const { id } = await host.start();
    for (let turn = 0; turn < 3; turn += 1) await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    await host.execution.stop({ workspaceId: host.workspace.id, runId: id, as: "cancelled", reason: "enough", actor: host.user });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("cancelled");
    expect(calls.filter((call) => call.startsWith("down"))).toEqual([`down ${id}`]);
  });

  it("fails when its provider refuses, and says so without one", async () => {
    const refuse = (): Promise<never> => Promise.reject(new MillraceError("forge_refused", "quota of environments"));
    const refused = await drive({
      pipeline: { steps: [{ kind: "deployer" }] },
      services: { environments: { ...outsideServicesOff.environments, isOn: true, provision: refuse } },
    });
    expect((await refused.host.run(refused.id)).phase).toMatchObject({ is: "failed", failure: { code: "forge_refused" } });
    const off = await drive({ pipeline: { steps: [{ kind: "deployer" }] } });
    expect(await off.host.output(off.id, 0)).toMatch(/nothing was provisioned/);
  });
});

describe("artifacts", () => {
  const blueprint = { name: "Shop", summary: "sells", modules: [{ name: "Cart", summary: "holds items" }, { name: "Pay" }] };

  it("a map of a service adds its modules, refreshes them, and deletes and renames nothing", async () => {
    const { host, id } = await drive({
      pipeline: { steps: [{ kind: "blueprints" }] },
      script: { blueprints: { answer: blueprint } },
    });
    const service = (await host.block()).parentId ?? "";
    const modules = async (): Promise<readonly string[]> =>
      (await host.store.blocks.children(host.workspace.id, service, { limit: 50 }))
        .filter((block) => block.level === "module")
        .map(({ title, generatedText }) => `${title}: ${generatedText}`)
        .toSorted();
    expect(await modules()).toEqual(["Cart: holds items", "Pay: "]);
    expect(await host.output(id, 0)).toContain("## Cart");
    const again = await host.start();
    await host.drive();
    expect((await host.run(again.id)).phase.is).toBe("done");
    expect(await modules()).toEqual(["Cart: holds items", "Pay: "]);
  });

  it("F:D5 the references of a map are kept with its service and its modules, and refreshed", async () => {
    const map = (...paths: string[]) => ({ name: "Shop", references: ["src/main.ts"], modules: [{ name: "Cart", references: paths }] });
    const { host } = await drive({
      pipeline: { steps: [{ kind: "blueprints" }] },
      script: { blueprints: [{ answer: map("src/cart") }, { answer: map("src/cart", "src/basket") }, { answer: { name: "Shop" } }] },
    });
    const serviceId = (await host.block()).parentId ?? "";
    const known = async () => {
      const service = await host.store.blocks.get(host.workspace.id, serviceId);
      const cart = await host.store.blocks.moduleByTitle(host.workspace.id, serviceId, "Cart");
      return [service?.references, cart?.references];
    };
    expect(await known()).toEqual([["src/main.ts"], ["src/cart"]]);
    for (const _again of ["changed", "without any"]) {
      await host.start();
      await host.drive();
      expect(await known()).toEqual([["src/main.ts"], ["src/cart", "src/basket"]]);
    }
  });

  it("a specification is shown rendered, and its companion reworks it without people (acceptance 18)", async () => {
    const specification = {
      service: "Shop",
      groups: [
        {
          name: "Cart",
          requirements: [
            {
              id: "CART-1",
              title: "Empty cart",
              statement: "A cart can be emptied.",
              kind: "functional",
              priority: "must",
              acceptance: [{ id: "A1", given: "a full cart", when: "emptied", outcome: "it is empty" }],
            },
          ],
        },
      ],
      rules: [{ id: "R1", rule: "No negative amounts" }],
    };
    const { host, id } = await drive({
      pipeline: { steps: [{ kind: "spec-writer" }, { kind: "spec-companion" }] },
      script: {
        "spec-writer": (_task, call) => ({ answer: specification, change: { "spec/spec.json": `v${call}` } }),
        "spec-companion": [{ answer: { rating: 0.3, summary: "which amounts?" } }, { answer: { rating: 0.9, summary: "clear" } }],
      },
    });
    const text = await host.output(id, 0);
    for (const part of ["# Shop", "### Empty cart (CART-1, functional, must)", "then it is empty", "**R1** No negative amounts"])
      expect(text).toContain(part);
    expect(summaryOf(await host.run(id))).toBe("spec-writer:done spec-companion:done");
    expect(host.agents.begun[1]?.priorOutputs[0]?.text).toBe(text);
    expect(host.agents.begun[2]?.revision?.feedback).toBe("which amounts?");
    const board = await host.store.events.read(host.workspace.id, LOG_START, 1000);
    expect(board.filter(({ entry }) => entry.event.type === "specification-updated")).toHaveLength(2);
  });

  it("an artifact that cannot be read is not taken up and fails nothing", async () => {
    const { host, id } = await drive({ pipeline: { steps: [{ kind: "blueprints" }] }, script: { blueprints: { say: "I looked around" } } });
    expect((await host.run(id)).phase.is).toBe("done");
    expect(await host.output(id, 0)).toBe("I looked around");
  });
});

describe("modules of merged tasks (acceptance 1)", () => {
  it("the merged task moves into its module, which is made when it is missing", async () => {
    const { host } = await drive({ pipeline: { steps: DELIVER }, script: deliverers, task: { moduleName: "Billing" } });
    const block = await host.block();
    const module = await host.store.blocks.get(host.workspace.id, block.parentId ?? "");
    expect(block.status).toBe("done");
    expect(module).toMatchObject({ level: "module", title: "Billing" });
  });

  it("a move that fails leaves the merge a merge (W-19b)", async () => {
    const { host, id } = await drive({
      pipeline: { steps: DELIVER },
      script: deliverers,
      task: { moduleName: "Billing" },
      wrap: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          blocks: { ...ports.store.blocks, moduleByTitle: () => Promise.reject(new MillraceError("database_corrupt", "page 7")) },
        },
      }),
    });
    expect(await host.run(id)).toMatchObject({ phase: { is: "done" }, merged: expect.any(String) });
    expect(await host.block()).toMatchObject({ status: "done", merged: { runId: id } });
  });
});

describe("the watch after a release", () => {
  const watched = { steps: [...DELIVER, { kind: "post-release-health" }] };
  const signal = (state: ReleaseSignal["state"]): ReleaseSignal => ({ kind: "monitor", id: "m1", name: "errors", state, detail: null });
  const assessment = { culpritConfidence: 0.8, recommendation: "revert", rationale: "the loop", evidence: [] } as const;

  async function watch(
    signals: (since: number, now: number) => readonly ReleaseSignal[],
    more: Partial<TestHostOptions> = {},
  ): Promise<{ readonly host: TestHost; readonly id: string; readonly notes: readonly string[] }> {
    const notes: string[] = [];
    const clock: { now: () => number } = { now: () => 0 };
    const host = await createTestHost({
      pipeline: watched,
      script: { ...deliverers, "on-call": { answer: assessment }, ...more.script },
      services: {
        releases: {
          isOn: true,
          signals: async ({ since }) => signals(since, clock.now()),
          evidence: async () => ({ signals: [signal("alert")], errors: [{ title: "TypeError", count: 3, sample: null }], notes: [] }),
        },
        incidents: {
          isOn: true,
          enrich: async ({ note }) => {
            notes.push(note);
            return true;
          },
        },
        ...more.services,
      },
    });
    clock.now = () => host.clock.now();
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    await host.drive(2000);
    return { host, id, notes };
  }

  it("passes when the window is over and nothing was in alert; the task stays done", async () => {
    const { host, id } = await watch(() => [signal("ok"), signal("no_data")]);
    const run = await host.run(id);
    const { timing } = run.steps[4] ?? { timing: { startedAt: 0, finishedAt: 0 } };
    expect((timing.finishedAt ?? 0) - (timing.startedAt ?? 0)).toBeGreaterThanOrEqual(30 * 60_000);
    expect(await host.block()).toMatchObject({ status: "done" });
  });

  it("a regression is investigated, told and left to people; the run goes on and the task stays done", async () => {
    const { host, id, notes } = await watch((since, now) => [signal(now - since > 120_000 ? "alert" : "ok")]);
    expect((await host.run(id)).phase.is).toBe("done");
    const notifications = await host.store.notifications.ofRun(host.workspace.id, id);
    const notification = notifications.find(({ type }) => type === "release_regression");
    expect(notification).toMatchObject({ status: "open", body: expect.stringContaining("revert") });
    expect(notes).toEqual([notification?.body]);
    const onCall = host.agents.begun.find(({ kind }) => kind === "on-call");
    expect(onCall?.briefs[0]?.text).toContain("TypeError (3 times)");
    expect(await host.block()).toMatchObject({ status: "done" });
  });

  it.each([
    ["a lost job", { lost: { transient: false } }],
    ["a failed job", { fails: { code: "agent_timeout", message: "too slow" } }],
    ["an answer that is none", { say: "no idea" }],
  ] as const)("an investigation that ends as %s is told as one that did not happen (W-39)", async (_name, turn) => {
    const { host, id } = await watch(() => [signal("alert")], { script: { "on-call": turn } });
    const notifications = await host.store.notifications.ofRun(host.workspace.id, id);
    expect(notifications.find(({ type }) => type === "release_regression")?.body).toMatch(/investigate by hand/);
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("monitors or incidents that are away: the first fails the step, the second is written down", async () => {
    const down = (): Promise<never> => Promise.reject(new MillraceError("forge_refused", "no such monitor"));
    const lost = await watch(() => [], { services: { releases: { ...outsideServicesOff.releases, isOn: true, signals: down } } });
    expect((await lost.host.run(lost.id)).phase).toMatchObject({ is: "failed", failure: { code: "forge_refused" } });
    expect(await lost.host.block()).toMatchObject({ status: "done" });
    const silent = await watch(() => [signal("alert")], { services: { incidents: { isOn: true, enrich: down } } });
    expect((await silent.host.run(silent.id)).phase.is).toBe("done");
  });

  it("without a merge or a monitor there is nothing to watch", async () => {
    const unmerged = await drive({
      pipeline: { steps: [{ kind: "researcher" }, { kind: "post-release-health" }] },
      script: { researcher: {} },
    });
    expect((await unmerged.host.run(unmerged.id)).phase.is).toBe("done");
    const unwatched = await drive({ pipeline: watched, script: deliverers });
    expect(summaryOf(await unwatched.host.run(unwatched.id))).toContain("post-release-health:done");
  });
});
