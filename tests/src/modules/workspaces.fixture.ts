/** Callers and workspaces for the tests of the modules around them. */
import type { Role } from "@millrace/contracts";
import type { Caller } from "@millrace/orchestration";
import { createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";

/** A host whose one run asks a person after its first step. */
export function boardHost(options: Partial<TestHostOptions> = {}): Promise<TestHost> {
  const pipeline = { steps: [{ kind: "researcher", approval: { approvers: 1 } }] };
  return createTestHost({ pipeline, script: { researcher: { say: "the researcher's text" } }, ...options });
}

/** A person with these roles, by account. */
export function person(accounts: Readonly<Record<string, readonly Role[]>>, id = "usr_ada"): Caller {
  return { actor: { type: "human", id }, grants: { accounts, confirmedUntil: Number.MAX_SAFE_INTEGER } };
}

/** A signal that never aborts. */
export const running: AbortSignal = new AbortController().signal;

/** One pass of a sweep, by its name. */
export function sweep(host: TestHost, name: string, limit = 200): Promise<number> {
  const found = host.sweeps.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`no sweep is called ${name}`);
  return found.run(host.clock.now(), limit, running);
}
