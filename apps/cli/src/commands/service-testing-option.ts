import { existsSync } from "node:fs";
import { join } from "node:path";
import { serviceTestingSchema, type ServiceTesting } from "@millrace/contracts";
import { InvalidArgumentError, type Command } from "commander";
import type { Output } from "../output/output.js";

/** The option for the infrastructure of a service's tests. `unset`: forget the setting; absent: keep it. */
export interface ServiceTestingOptions {
  readonly testsNeed?: ServiceTesting | "unset";
}

/** Adds `--tests-need` to a command. */
export function withServiceTesting(command: Command): Command {
  return command.option(
    "--tests-need <what>",
    "what the service's tests need: a compose file in the repository, `nothing`, or `unset`",
    parse,
  );
}

/** Notes a compose file that does not exist, so that a typing error shows before the first tester fails. No error: it may be added later. */
export function noteMissingCompose(output: Output, root: string, testing: ServiceTesting | null): void {
  const path = testing?.composePath ?? null;
  if (path !== null && !existsSync(join(root, path))) output.note(`there is no '${path}' in '${root}' yet`);
}

/** Parses the option. A compose file of the name `nothing` is given as `./nothing`. */
function parse(what: string): ServiceTesting | "unset" {
  if (what === "unset") return what;
  const testing = serviceTestingSchema.safeParse(what === "nothing" ? { noInfrastructure: true } : { composePath: what });
  if (testing.success) return testing.data;
  throw new InvalidArgumentError("a compose file is named by its path inside the repository.");
}
