import type { JsonValue, MergePreset, Run } from "@millrace/contracts";
import { composeOrchestration, type Orchestration, type OrchestrationOptions, type OrchestrationPorts } from "@millrace/orchestration";
import { createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";

type Severity = "low" | "medium" | "high" | "critical";

/** A tester's report: its word, and concerns as `title/severity`. */
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

/** A host with a coder and a tester, and a fixer that changes something each time it is sent. */
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

/** Drives a run from its start to its rest. */
export async function driven(host: TestHost): Promise<string> {
  const { id } = await host.start();
  await host.drive();
  return id;
}

/** Another process on a host's store, with other ports and options. */
export interface OtherProcess {
  readonly options: Partial<TestHostOptions>;
  /** Once the host is there. */
  open(changed: Partial<OrchestrationPorts>, options?: OrchestrationOptions): Orchestration;
}

/** Options of a host that lets other processes in. */
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

/** One advance of whatever is due next, as a driver does it. */
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

/** Changes the preset the task runs under. */
export async function changePreset(host: TestHost, patch: Partial<MergePreset>): Promise<void> {
  const preset = await host.store.presets.getDefault(host.workspace.id);
  if (preset === null) throw new Error("a workspace has a default preset");
  await host.store.commit([{ change: "put-preset", preset: { ...preset, ...patch } }]);
}

/** What a step of a run remembers. */
export function remembered(run: Run, step: number): Readonly<Record<string, unknown>> {
  const found = run.steps[step];
  if (found === undefined) throw new Error(`the run has no step ${step}`);
  return found.state;
}

/** The kinds of agents that were begun, in order. */
export function begun(host: TestHost): readonly string[] {
  return host.agents.begun.map(({ kind }) => kind);
}

/** The kinds of the notifications that ask for people. */
export async function openNotifications(host: TestHost): Promise<readonly string[]> {
  return (await host.store.notifications.open(host.workspace.id, { limit: 20 })).map(({ type }) => type);
}
