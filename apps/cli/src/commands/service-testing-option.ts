import { existsSync } from "node:fs";
import { join } from "node:path";
import { serviceTestingSchema, type ServiceTesting } from "@millrace/contracts";
import { InvalidArgumentError, type Command } from "commander";
import type { Output } from "../output/output.js";

/** What a service's tests need, as options say it. `unset`: nobody says (any more); absent: it stays as it is. */
export interface ServiceTestingOptions {
  readonly testsNeed?: ServiceTesting | "unset";
}

export function withServiceTesting(command: Command): Command {
  return command.option(
    "--tests-need <what>",
    "what the service's tests need: a compose file in the repository, `nothing`, or `unset`",
    parse,
  );
}

/** A typing error shows now, not when the first tester fails. The file may also be on its way: it is no refusal. */
export function noteMissingCompose(output: Output, root: string, testing: ServiceTesting | null): void {
  const path = testing?.composePath ?? null;
  if (path !== null && !existsSync(join(root, path))) output.note(`there is no '${path}' in '${root}' yet`);
}

/** A compose file that is called `nothing` is `./nothing`. */
function parse(what: string): ServiceTesting | "unset" {
  if (what === "unset") return what;
  const testing = serviceTestingSchema.safeParse(what === "nothing" ? { noInfrastructure: true } : { composePath: what });
  if (testing.success) return testing.data;
  throw new InvalidArgumentError("a compose file is named by its path inside the repository.");
}
