import type { CommitSha } from "@millrace/contracts";
import { z } from "zod";
import type { ReportedCheck } from "./checks.logic.js";
import { fromCheckRun, fromStatus } from "./checks.logic.js";
import type { Place } from "./repository.js";
import { expectOk } from "./repository.js";
import { checkRunSchema, commitStatusSchema } from "./shapes.schema.js";

const runsSchema = z.object({ check_runs: z.array(checkRunSchema) }).transform(({ check_runs }) => check_runs);
const statusesSchema = z.object({ statuses: z.array(commitStatusSchema) }).transform(({ statuses }) => statuses);

/** Check runs and commit statuses of one commit, all pages. */
export async function readChecks(place: Place, head: CommitSha): Promise<readonly ReportedCheck[]> {
  const { client, owner, repo } = place;
  const at = { owner, repo, ref: head };
  const [runs, statuses] = await Promise.all([
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", { ...at, filter: "latest" }, runsSchema),
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/status", at, statusesSchema),
  ]);
  const what = `read the checks of ${head}`;
  return [...expectOk(place, runs, what).map(fromCheckRun), ...expectOk(place, statuses, what).map(fromStatus)];
}
