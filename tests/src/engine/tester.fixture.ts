import type { JsonValue, UpdatePreset, Run } from "@millrace/contracts";
import { composeOrchestration, type Orchestration, type OrchestrationOptions, type OrchestrationPorts } from "@millrace/orchestration";
import { createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";

type Severity = "low" | "medium" | "high" | "critical";

/** A tester's report: its verdict, and concerns as `title/severity`. */
export function report(greenlight: boolean, ...concerns: `${string}/${Severity}`[]): { readonly answer: JsonValue } {
  return {
    answer: {
      greenlight,
      summary: greenlight ? "it works" : "it does not work",
      concerns: concerns.map((concern) => {
        const [title = "", severity = ""] = concern.split("/");
        return { title, detail: `${title} was seen`, severity };
      }),
    },
  };
}

/** A host with a coder, a tester, and a fixer that changes something in every attempt. */
export async function testerHost(options: Partial<TestHostOptions> = {}): Promise<TestHost> {
  return createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "tester" }] },
    ...options,
    script: {
      coder: (_task, call) => ({ change: { a: `work ${call}` } }),
      fixer: (_task, call) => ({ change: { a: `repair ${call}` }, say: `repaired ${call}` }),
      ...options.script,
    },
  });
}

/** Starts a run and drives it until it rests. Returns its id. */
export async function driven(host: TestHost): Promise<string> {
  const { id } = await host.start();
  await host.drive();
  return id;
}

/** Opens further engines on a host's store, as other processes have them. */
export interface OtherProcess {
  readonly options: Partial<TestHostOptions>;
  /** Composes an engine with changed ports and options. Call it after the host was created. */
  open(changed: Partial<OrchestrationPorts>, options?: OrchestrationOptions): Orchestration;
}

/** Options for a host whose store other engines may share. */
export function lettingOthersIn(options: Partial<TestHostOptions>): OtherProcess {
  let known: OrchestrationPorts | null = null;
  const wrap = (ports: OrchestrationPorts): OrchestrationPorts => (known = options.wrap?.(ports) ?? ports);
  return {
    options: { ...options, wrap },
    open(changed, more) {
      if (known === null) throw new Error("there is no host yet");
      return composeOrchestration({ ...known, ...changed }, more);
    },
  };
}

/** Claims and advances the next due run, as a driver does. */
export async function oneTurn(host: TestHost, execution: TestHost["execution"] = host.execution): Promise<void> {
  host.clock.advanceTo((await host.wakeups.nextDueAt()) ?? 0);
  const [claim] = await host.wakeups.claim({ owner: "driver", now: host.clock.now(), leaseMs: 1, limit: 1 });
  if (claim === undefined) return;
  try {
    await execution.advance(claim);
  } finally {
    await host.wakeups.release(claim);
  }
}

/** Changes the merge preset of the task. */
export async function changePreset(host: TestHost, input: UpdatePreset): Promise<void> {
  await host.presets.update({ workspaceId: host.workspace.id, presetId: null, input, actor: host.user });
}

/** State of a step. */
export function remembered(run: Run, step: number): Readonly<Record<string, unknown>> {
  const found = run.steps[step];
  if (found === undefined) throw new Error(`the run has no step ${step}`);
  return found.state;
}

/** Kinds of the agents that were started, in order. */
export function begun(host: TestHost): readonly string[] {
  return host.agents.begun.map(({ kind }) => kind);
}

/** Types of the open notifications. */
export async function openNotifications(host: TestHost): Promise<readonly string[]> {
  return (await host.store.notifications.open(host.workspace.id, { limit: 20 })).map(({ type }) => type);
}
