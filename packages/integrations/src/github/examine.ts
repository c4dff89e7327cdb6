/**
 * Examines whether a repository on GitHub is set up for Millrace: one finding per subject, with its repair. Only reads.
 * GitHub tells which writes an App or a classic token may do; for a fine-grained token this shows only at the first
 * refused write.
 */
import type { RepositoryRef } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { z } from "zod";
import { readChecks } from "./checks.js";
import { missingEvents, missingPermissions, missingScope } from "./examine.logic.js";
import type { GitHubForgeOptions } from "./forge.js";
import { connect } from "./forge.js";
import type { Installation } from "./installations.js";
import type { OpenRepository } from "./repository.js";
import { openRepository, tipOf } from "./repository.js";
import { readRules, type BranchRules } from "./rules.js";
import { listedPullSchema } from "./shapes.schema.js";

/** One result of `examineGitHub`. */
export interface GitHubFinding {
  /** The subject. */
  readonly about: "credential" | "permissions" | "branch" | "webhook" | "protection" | "up to date" | "required checks" | "ci";
  /** `fail`: runs cannot work. `warn`: they work, but slower or with less protection. */
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; null if the status is `ok`. */
  readonly fix: string | null;
}

type About = GitHubFinding["about"];

/** Number of open pull requests whose checks are read, newest first. */
const RECENT_PULLS = 5;

const repositorySchema = z.object({ private: z.boolean(), permissions: z.object({ push: z.boolean() }).optional() });
const hooksSchema = z.array(z.object({ active: z.boolean(), events: z.array(z.string()) }));
const pullsSchema = z.array(listedPullSchema);

/**
 * Examines everything that a run on this repository needs of GitHub. `ci` says whether the repository is expected to
 * have checks. A read that GitHub refuses is a finding, not an error.
 * @throws MillraceError `config_invalid` for invalid options.
 */
export async function examineGitHub(
  options: GitHubForgeOptions,
  repository: RepositoryRef,
  { ci }: { readonly ci: "required" | "none" },
): Promise<readonly GitHubFinding[]> {
  const { installations } = connect(options);
  const found = await attempt("credential", async () => {
    const opened = await openRepository(installations, repository);
    const { owner, repo } = opened;
    const answer = await opened.client.raw("GET /repos/{owner}/{repo}", { owner, repo });
    if ("is" in answer) return missing(repository);
    return { opened, ...repositorySchema.parse(answer.data), scopes: answer.headers["x-oauth-scopes"] ?? null };
  });
  if ("about" in found) return [found];
  const { opened } = found;
  const findings: GitHubFinding[] = [ok("credential", `GitHub accepts it for '${repository.id}'`)];
  const installation = await installations.installationOf(opened.owner, opened.repo).catch(() => null);
  findings.push(...(await examinePermissions(found, installation)));
  const tip = await attempt("branch", async () => (await tipOf(opened, repository.base)) ?? noBranch(repository));
  if (typeof tip !== "string") return [...findings, tip];
  const rules = await attempt("protection", () => readRules(opened));
  const reported = await attempt("ci", () => reportedNames(opened, tip));
  findings.push(ok("branch", `${repository.base} at ${tip.slice(0, 10)}`), await examineWebhook(opened, installation));
  findings.push(...("about" in rules ? [rules] : examineRules(repository, rules, "about" in reported ? null : reported)));
  findings.push("about" in reported ? reported : examineCi(reported, "about" in rules ? null : rules, ci));
  return findings;
}

/** Whether the credential may read what gates read, and write as far as GitHub tells. */
async function examinePermissions(
  {
    opened,
    private: isPrivate,
    permissions,
    scopes,
  }: { readonly opened: OpenRepository; readonly scopes: string | null } & z.infer<typeof repositorySchema>,
  installation: Installation | null,
): Promise<readonly GitHubFinding[]> {
  const { client, owner, repo, ref } = opened;
  const lacks: string[] = [];
  if (installation !== null) lacks.push(...missingPermissions(installation.permissions));
  const scope = scopes === null ? null : missingScope(scopes, isPrivate);
  if (scope !== null)
    return [
      fail(
        "permissions",
        `the token lacks the scope '${scope}' (it has: ${scopes === "" ? "none" : (scopes ?? "none")})`,
        `add the scope '${scope}' to the token, on GitHub under Settings, Developer settings, Tokens`,
      ),
    ];
  const ofCommit = { owner, repo, ref: ref.base, per_page: 1 };
  for (const [route, parameters] of [
    ["GET /repos/{owner}/{repo}/commits/{ref}/check-runs", ofCommit],
    ["GET /repos/{owner}/{repo}/commits/{ref}/status", ofCommit],
    ["GET /repos/{owner}/{repo}/pulls", { owner, repo, per_page: 1 }],
  ] as const) {
    const answer = await client.raw(route, parameters).catch(() => null);
    if (answer !== null && "is" in answer && answer.status === 403 && answer.needs !== null) lacks.push(answer.needs);
  }
  if (lacks.length > 0) {
    const named = [...new Set(lacks)].join(", ");
    return [
      fail(
        "permissions",
        `${installation === null ? "the token" : "the App"} lacks: ${named}`,
        installation === null
          ? `give the token these repository permissions: ${named}`
          : `give the App these repository permissions, and accept them where it is installed: ${named}`,
      ),
    ];
  }
  if (permissions?.push === false && installation === null)
    return [
      fail(
        "permissions",
        `the account of the token may read '${ref.id}', not write to it`,
        "give the account write access to the repository, or use another token",
      ),
    ];
  return [
    ok("permissions", installation === null ? "it may read and write here, as far as GitHub tells" : "the App may read and write here"),
  ];
}

/** With an App its own webhook is examined; with a token those of the repository, if the token may read them. */
async function examineWebhook({ client, owner, repo }: OpenRepository, installation: Installation | null): Promise<GitHubFinding> {
  const fix = (events: readonly string[]): string =>
    `add a webhook with content type application/json, a secret, and the events ${events.join(", ")} (Settings, Webhooks), and hand what it delivers to createGitHubWebhooks`;
  if (installation !== null) {
    const lacks = missingEvents(installation.events);
    if (lacks.length === 0) return ok("webhook", "the App is told of everything that gates wait for");
    return warn(
      "webhook",
      `the App does not subscribe to: ${lacks.join(", ")}; what they tell is seen at the next poll`,
      `subscribe the App to the events ${lacks.join(", ")} (its settings, Permissions & events)`,
    );
  }
  const answer = await client.get("GET /repos/{owner}/{repo}/hooks", { owner, repo }, hooksSchema).catch(() => null);
  if (answer === null || answer.is === "refused")
    return warn(
      "webhook",
      "this credential may not see the repository's webhooks; without one, changes are seen at the next poll",
      fix(missingEvents([])),
    );
  const active = answer.value.filter((hook) => hook.active);
  if (active.length === 0) return warn("webhook", "there is none: changes are seen at the next poll", fix(missingEvents([])));
  const [fewest = []] = active.map(({ events }) => missingEvents(events)).toSorted((one, other) => one.length - other.length);
  if (fewest.length === 0) return ok("webhook", "it tells of everything that gates wait for");
  return warn(
    "webhook",
    `none of them tells of: ${fewest.join(", ")}; those are seen at the next poll`,
    `add to its events: ${fewest.join(", ")} (Settings, Webhooks)`,
  );
}

function examineRules({ base }: RepositoryRef, rules: BranchRules, reported: ReadonlySet<string> | null): readonly GitHubFinding[] {
  const where = `(Settings, Rules, a ruleset for '${base}')`;
  if (!rules.guarded)
    return [
      warn(
        "protection",
        `nothing protects '${base}': anybody who may push can change it unchecked`,
        `require status checks and that branches are up to date ${where}`,
      ),
    ];
  const findings = [ok("protection", `'${base}' is protected${rules.queue ? ", and takes changes through a merge queue" : ""}`)];
  if (!rules.strict && !rules.queue)
    findings.push(
      warn(
        "up to date",
        `'${base}' takes branches that are behind it: what lands may be a combination that nobody tested`,
        `turn on "Require branches to be up to date before merging" ${where}`,
      ),
    );
  if (rules.queue && rules.required.length === 0)
    findings.push(
      warn(
        "required checks",
        `the merge queue of '${base}' requires no checks: it lands combinations that nobody tested`,
        `require the checks that a change must pass, and let them run on merge groups too ${where}`,
      ),
    );
  const silent = reported === null ? [] : rules.required.map(({ name }) => name).filter((name) => !reported.has(name));
  if (silent.length > 0)
    findings.push(
      warn(
        "required checks",
        `required, but never reported: ${silent.join(", ")}. Nothing merges until they are`,
        `let a workflow report them, or take them off the list ${where}`,
      ),
    );
  return findings;
}

function examineCi(reported: ReadonlySet<string>, rules: BranchRules | null, ci: "required" | "none"): GitHubFinding {
  if (reported.size > 0) return ok("ci", [...reported].slice(0, 5).join(", ") + (reported.size > 5 ? ", ..." : ""));
  if (ci === "none")
    return warn(
      "ci",
      "this repository has none, as the board says: changes merge unchecked",
      "add a workflow, and make the board anew without --no-ci",
    );
  const waits = rules !== null && rules.required.length > 0;
  return (waits ? warn : fail)(
    "ci",
    "nothing has reported a check here yet, and nothing merges without one",
    "add a workflow that runs on pull requests (.github/workflows), or make the board with --no-ci",
  );
}

/** Names of the checks reported for the base's tip and for the newest open pull requests. */
async function reportedNames(repository: OpenRepository, tip: string): Promise<ReadonlySet<string>> {
  const { client, owner, repo } = repository;
  const wanted = { owner, repo, state: "open", sort: "created", direction: "desc", per_page: RECENT_PULLS };
  const pulls = await client.get("GET /repos/{owner}/{repo}/pulls", wanted, pullsSchema);
  const heads = [tip, ...(pulls.is === "ok" ? pulls.value.map(({ head }) => head.sha) : [])];
  const reported = await Promise.all(heads.map((head) => readChecks(repository, head)));
  return new Set(reported.flat().map(({ check }) => check.name));
}

/** The result of `read`, or its error as a finding. */
async function attempt<T>(about: About, read: () => Promise<T>): Promise<T | GitHubFinding> {
  try {
    return await read();
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return fail(about, error.message, error.fix ?? "look at the error");
  }
}

function missing({ id }: RepositoryRef): GitHubFinding {
  return fail(
    "credential",
    `GitHub has no repository '${id}', or its credential may not see it`,
    "correct the name, or give the token or App access to the repository",
  );
}

function noBranch({ id, base }: RepositoryRef): GitHubFinding {
  return fail("branch", `'${id}' has no branch '${base}'`, "push that branch, or make the board with --base");
}

function ok(about: About, message: string): GitHubFinding {
  return { about, status: "ok", message, fix: null };
}

function warn(about: About, message: string, fix: string): GitHubFinding {
  return { about, status: "warn", message, fix };
}

function fail(about: About, message: string, fix: string): GitHubFinding {
  return { about, status: "fail", message, fix };
}
