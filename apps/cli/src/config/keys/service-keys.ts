/** Settings whose home is the service: what counts as checked, and what its tests need. Commands of local checks lie in the file, beside the repository they run in. */
import { serviceTestingSchema, type CheckPolicy, type ServiceTesting } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { noteMissingCompose } from "../../commands/service-testing-option.js";
import { needText } from "../../views/settings-lines.logic.js";
import { chooseChecks } from "../detect-checks.logic.js";
import { changeConfig } from "../write-config.js";
import { NONE, oneText, valueOf, type ConfigKey, type ConfigState } from "./config-key.js";

/** Text for: every check that GitHub reports. */
const REPORTED = "reported";

const checksKey: ConfigKey = {
  key: "checks",
  about: "what must be green before anything merges",
  values: `commands, each in quotes (on GitHub: names of checks, or ${REPORTED} for all of them), or ${NONE}`,
  read: ({ config, service }) => ({
    ci: service.checks?.ci ?? config.ci,
    commands: config.checks,
    required: service.checks?.requiredChecks ?? [],
  }),
  show: ({ config, service }) => {
    if ((service.checks?.ci ?? config.ci) === "none") return NONE;
    if (config.repository.forge === "github") return service.checks?.requiredChecks.join(", ") || REPORTED;
    return config.checks.map(({ argv }) => `"${argv.length === 3 && argv[0] === "sh" ? (argv[2] ?? "") : argv.join(" ")}"`).join(" ");
  },
  async write({ project, runtime, output }, { config }, words, by) {
    const wanted = checksOf(config, words);
    const { board } = await runtime.open();
    await board.putChecks({ workspaceId: config.workspaceId, serviceId: config.serviceId, input: wanted.policy, ...by });
    await changeConfig(project, { ci: wanted.policy.ci, checks: [...wanted.checks] });
    output.note("runs go back to their gates; workers that are up read the new commands when they are started again");
  },
};

function checksOf(
  config: ConfigState["config"],
  words: readonly string[],
): { readonly policy: CheckPolicy } & Pick<ConfigState["config"], "checks"> {
  if (words.length === 0 || words.some((word) => word.trim() === ""))
    throw new MillraceError("validation", "'checks' needs a value", { fix: `write it as: ${checksKey.values}` });
  if (words.length === 1 && words[0] === NONE) return { policy: { ci: "none", requiredChecks: [] }, checks: [] };
  if (config.repository.forge === "github")
    return { policy: { ci: "required", requiredChecks: words.length === 1 && words[0] === REPORTED ? [] : [...words] }, checks: [] };
  const { checks } = chooseChecks({ checks: words, noCi: false }, { texts: {}, files: new Set() });
  return { policy: { ci: "required", requiredChecks: [] }, checks: [...checks] };
}

const UNSET = "unset";

const testsKey: ConfigKey = {
  key: "tests.need",
  about: "what the service's tests need",
  values: `a compose file in the repository, nothing, or ${UNSET}`,
  read: ({ service }) => service.testing,
  show: ({ service }) => needText(service.testing),
  async write({ project, runtime, actor, output }, { config }, words) {
    const testing = testingOf(oneText(words));
    const { board } = await runtime.open();
    await board.putTesting({ workspaceId: config.workspaceId, serviceId: config.serviceId, input: testing, actor });
    noteMissingCompose(output, project.root, testing);
  },
};

function testingOf(text: string): ServiceTesting | null {
  if (text === UNSET) return null;
  if (text !== "nothing") return valueOf(testsKey, serviceTestingSchema, { composePath: text });
  return { composePath: null, noInfrastructure: true };
}

export const serviceKeys: readonly ConfigKey[] = [checksKey, testsKey];
