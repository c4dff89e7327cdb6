/* oxlint-disable vitest/valid-title, vitest/expect-expect, vitest/no-conditional-tests, vitest/no-disabled-tests -- titles, assertions and skips come from the cases; this file only registers them */
import { describe, expect, it, onTestFinished } from "vitest";
import { activationCases } from "./activations.conformance.js";
import { accountCases } from "./accounts.conformance.js";
import { atomicityCases } from "./atomicity.conformance.js";
import { auditCases } from "./audit.conformance.js";
import { blockCases } from "./blocks.conformance.js";
import { concurrencyCases } from "./concurrency.conformance.js";
import { deliveryCases } from "./deliveries.conformance.js";
import { dependencyCases } from "./dependencies.conformance.js";
import { mountCases } from "./mounts.conformance.js";
import { removalCases } from "./removals.conformance.js";
import { serviceCases } from "./services.conformance.js";
import { eventCases } from "./events.conformance.js";
import { invitationCases } from "./invitations.conformance.js";
import { mailCases } from "./mails.conformance.js";
import { needCases } from "./needs.conformance.js";
import { notificationCases } from "./notifications.conformance.js";
import { outputCases } from "./outputs.conformance.js";
import { fragmentCases } from "./fragments.conformance.js";
import { fragmentDefaultCases } from "./fragment-defaults.conformance.js";
import { modelDefaultCases } from "./model-defaults.conformance.js";
import { pipelineLabelCases } from "./pipeline-labels.conformance.js";
import { pipelineCases } from "./pipelines.conformance.js";
import { presetCases } from "./presets.conformance.js";
import { pullRequestCases } from "./pull-requests.conformance.js";
import { readCases } from "./reads.conformance.js";
import { retentionCases } from "./retention.conformance.js";
import { reviewCases } from "./reviews.conformance.js";
import { runCases } from "./runs.conformance.js";
import { scopeCases } from "./scopes.conformance.js";
import { spendCases } from "./spend.conformance.js";
import type { StoreCase, StoreHarness, StoreScene } from "./store-case.js";
import { tenancyCases } from "./tenancy.conformance.js";
import { usageCases } from "./usage.conformance.js";
import { wakeUpCases } from "./wakeups.conformance.js";
import { workspaceCases } from "./workspaces.conformance.js";
import { landingCases } from "./landings.conformance.js";
import { machineJobCases } from "./machine-jobs.conformance.js";
import { platformEventCases } from "./platform-events.conformance.js";
import { signInCases } from "./sign-in.conformance.js";
import { userCases } from "./users.conformance.js";
import { requestCases } from "./requests.conformance.js";

/** By aggregate; then what holds for all of them. */
const groups: Readonly<Record<string, readonly StoreCase[]>> = {
  "machine-jobs": machineJobCases,
  "platform-events": platformEventCases,
  requests: requestCases,
  users: userCases,
  "sign-in": signInCases,
  workspaces: workspaceCases,
  accounts: accountCases,
  invitations: invitationCases,
  blocks: blockCases,
  pipelines: pipelineCases,
  "pipeline-labels": pipelineLabelCases,
  "model-defaults": modelDefaultCases,
  fragments: fragmentCases,
  "fragment-defaults": fragmentDefaultCases,
  presets: presetCases,
  runs: runCases,
  events: eventCases,
  audit: auditCases,
  retention: retentionCases,
  outputs: outputCases,
  notifications: notificationCases,
  reviews: reviewCases,
  spend: spendCases,
  usage: usageCases,
  activations: activationCases,
  landings: landingCases,
  wakeups: wakeUpCases,
  deliveries: deliveryCases,
  mails: mailCases,
  dependencies: dependencyCases,
  removals: removalCases,
  services: serviceCases,
  mounts: mountCases,
  "pull-requests": pullRequestCases,
  reads: readCases,
  scopes: scopeCases,
  needs: needCases,
  atomicity: atomicityCases,
  tenancy: tenancyCases,
  concurrency: concurrencyCases,
};

/**
 * The contract of a store, as vitest tests: call it at the top of a test file. Each test opens its own
 * backend and closes it. Skips are named and reasoned; a name that is no test fails.
 */
export function describeStoreConformance(name: string, harness: StoreHarness): void {
  const skips = harness.skips ?? {};
  describe(`store conformance: ${name}`, () => {
    for (const [group, cases] of Object.entries(groups)) {
      describe(group, () => {
        for (const each of cases) {
          const title = each.name;
          const reason = skips[title];
          if (reason === undefined) it(title, async () => each.run(await openScene(harness)));
          else it.skip(`${title} (${reason})`, () => undefined);
        }
      });
    }
    it("skips only tests that exist, each for a reason", () => {
      const known = new Set(Object.values(groups).flatMap((cases) => cases.map((each) => each.name)));
      expect(Object.keys(skips).filter((title) => !known.has(title))).toEqual([]);
      expect(Object.entries(skips).filter(([, reason]) => reason.trim() === "")).toEqual([]);
    });
  });
}

async function openScene(harness: StoreHarness): Promise<StoreScene> {
  let now = 0;
  const clock = { now: () => now, set: (time: number) => void (now = time) };
  const under = await harness.open(clock);
  onTestFinished(() => under.close());
  return { ...under, connect: async () => (await under.connect?.()) ?? under.store, close: () => under.close(), clock };
}
