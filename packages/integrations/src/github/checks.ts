import type { CommitSha } from "@millrace/contracts";
import { z } from "zod";
import type { ReportedCheck, RequiredCheck } from "./checks.logic.js";
import { fromCheckRun, fromStatus, isReported } from "./checks.logic.js";
import type { OpenRepository } from "./repository.js";
import { expectOk } from "./repository.js";
import type { BranchRules } from "./rules.js";
import { checkRunSchema, commitStatusSchema, createdStatusSchema } from "./shapes.schema.js";

const runsSchema = z.object({ check_runs: z.array(checkRunSchema) }).transform(({ check_runs }) => check_runs);
const statusesSchema = z.object({ statuses: z.array(commitStatusSchema) }).transform(({ statuses }) => statuses);

/** Reads the check runs and commit statuses of one commit, all pages. */
export async function readChecks(repository: OpenRepository, head: CommitSha): Promise<readonly ReportedCheck[]> {
  const { client, owner, repo } = repository;
  const target = { owner, repo, ref: head };
  const [runs, statuses] = await Promise.all([
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", { ...target, filter: "latest" }, runsSchema, { exists: true }),
    client.pages("GET /repos/{owner}/{repo}/commits/{ref}/status", target, statusesSchema, { exists: true }),
  ]);
  const what = `read the checks of ${head}`;
  return [...expectOk(repository, runs, what).map(fromCheckRun), ...expectOk(repository, statuses, what).map(fromStatus)];
}

const createdSchema = z.array(createdStatusSchema);
const appSchema = z.object({ id: z.number().int() });
/** Login of the account that an App acts as. */
const BOT = /^(.+)\[bot\]$/;

/**
 * The required checks, with the statuses that stand for them: an App may report a check as a commit status, whose reporter GitHub tells
 * in another list. Read only for a check that must come from one App, and that no check run of that App has reported.
 */
export async function requiredWithStatuses(
  repository: OpenRepository,
  head: CommitSha,
  reported: readonly ReportedCheck[],
  { required }: Pick<BranchRules, "required">,
): Promise<readonly RequiredCheck[]> {
  const open = required.filter((one) => one.app !== null && !isReported(one, reported) && isReported({ ...one, app: null }, reported));
  if (open.length === 0) return required;
  const { client, owner, repo } = repository;
  const route = "GET /repos/{owner}/{repo}/commits/{ref}/statuses";
  const answer = await client.pages(route, { owner, repo, ref: head }, createdSchema, { exists: true });
  const created = expectOk(repository, answer, `read who set the statuses of ${head}`);
  const isBy = async (status: ReportedCheck, app: number): Promise<boolean> => {
    const creator = created.find(({ node_id }) => node_id === status.id)?.creator;
    const slug = creator?.type === "Bot" ? BOT.exec(creator.login)?.[1] : undefined;
    if (slug === undefined) return false;
    const found = await client.get("GET /apps/{app_slug}", { app_slug: slug }, appSchema);
    // GitHub tells nothing of a private App of another account. It compares the App itself when it merges.
    return found.is === "refused" || found.value.id === app;
  };
  return Promise.all(
    required.map(async (one) => {
      if (one.app === null || !open.includes(one)) return one;
      const app = one.app;
      const statuses = reported.filter((status) => status.app === null && isReported({ ...one, app: null }, [status]));
      const by = await Promise.all(statuses.map((status) => isBy(status, app)));
      return by.includes(true) ? { ...one, app: null } : one;
    }),
  );
}
