import type { CommitSha } from "@millrace/contracts";
import { z } from "zod";
import type { ReportedCheck } from "./checks.logic.js";
import { fromCheckRun, fromStatus } from "./checks.logic.js";
import type { OpenRepository } from "./repository.js";
import { expectOk } from "./repository.js";
import { checkRunSchema, commitStatusSchema } from "./shapes.schema.js";

const runsSchema = z.object({ check_runs: z.array(checkRunSchema) }).transform(({ check_runs }) => check_runs);
const statusesSchema = z.object({ statuses: z.array(commitStatusSchema) }).transform(({ statuses }) => statuses);

/** Reads the check runs and commit statuses of one commit, all pages. */
export async function readChecks(repository: OpenRepository, head: CommitSha): Promise<readonly ReportedCheck[]> {
  const { client, owner, repo } = repository;
  const target = { owner, repo, ref: head };
  const [runs, statuses] = await Promise.all([
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", { ...target, filter: "latest" }, runsSchema),
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/status", target, statusesSchema),
  ]);
  const what = `read the checks of ${head}`;
  return [...expectOk(repository, runs, what).map(fromCheckRun), ...expectOk(repository, statuses, what).map(fromStatus)];
}
