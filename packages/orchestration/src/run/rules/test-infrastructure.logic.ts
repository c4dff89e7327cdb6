import type { Block, ServiceTesting } from "@millrace/contracts";
import { match } from "ts-pattern";

/** Guard of a tester: a place to bring the service up, or the reason why there is none. */
export type TestInfrastructure = "ok" | "limited-local" | "limited-ephemeral-no-provider" | "local-unconfigured";

export interface TestSurroundings {
  /** This host can bring a service's own infrastructure up beside an agent. */
  readonly localSupported: boolean;
  readonly environment: Block["testEnvironment"];
  /** The service's statement about its tests; read for local tests only. */
  readonly testing: ServiceTesting | null;
  readonly hasProvider: boolean;
}

/**
 * A host without a container engine needs a provider, or services without infrastructure. Any other host only needs the service's
 * statement.
 */
export function judgeTestInfrastructure({ localSupported, environment, testing, hasProvider }: TestSurroundings): TestInfrastructure {
  if (environment === "ephemeral") return localSupported || hasProvider ? "ok" : "limited-ephemeral-no-provider";
  if (testing?.noInfrastructure === true) return "ok";
  if (!localSupported) return "limited-local";
  return (testing?.composePath ?? null) === null ? "local-unconfigured" : "ok";
}

/** Refusal of a run with a tester whose service does not state its test infrastructure; null when the run may start. */
export function infrastructureRefusal(judged: TestInfrastructure): { readonly message: string; readonly fix: string } | null {
  return match(judged)
    .with("ok", () => null)
    .with("limited-local", () => ({
      message: "this host cannot bring up the infrastructure that its tests need",
      fix: "set the task's test environment to ephemeral and configure an environment provider, mark the service as needing no test infrastructure, or disable the tester",
    }))
    .with("limited-ephemeral-no-provider", () => ({
      message: "this host has no environment provider, and cannot bring up test infrastructure itself",
      fix: "configure an environment provider, or set the task's test environment to local on a service that needs no test infrastructure, or disable the tester",
    }))
    .with("local-unconfigured", () => ({
      message: "its service does not say how it is brought up for tests",
      fix: "set the service's compose file, or mark it as needing no test infrastructure, with: millrace config set tests.need",
    }))
    .exhaustive();
}
