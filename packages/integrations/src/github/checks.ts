import type { Check, CommitSha } from "@millrace/contracts";
import { z } from "zod";
import { fromCheckRun, fromStatus, withExpected } from "./checks.logic.js";
import type { Place } from "./repository.js";
import { expectOk } from "./repository.js";
import type { BranchRules } from "./rules.js";
import { checkRunSchema, commitStatusSchema } from "./shapes.schema.js";

const runsSchema = z.object({ check_runs: z.array(checkRunSchema) }).transform(({ check_runs }) => check_runs);
const statusesSchema = z.object({ statuses: z.array(commitStatusSchema) }).transform(({ statuses }) => statuses);

/** Check runs and commit statuses of one commit, all pages, and what its base asks for beyond them. */
export async function readChecks(place: Place, head: CommitSha, rules: BranchRules): Promise<readonly Check[]> {
  const { client, owner, repo } = place;
  const at = { owner, repo, ref: head };
  const [runs, statuses] = await Promise.all([
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", { ...at, filter: "latest" }, runsSchema),
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/status", at, statusesSchema),
  ]);
  const what = `read the checks of ${head}`;
  const reported = [...expectOk(place, runs, what).map(fromCheckRun), ...expectOk(place, statuses, what).map(fromStatus)];
  return withExpected(reported, rules.required);
}
