/** Builds responses in the shapes that GitHub documents, with every required field. */
import type { ChangedFile, CommitFacts } from "./bare-repository.js";
import type { CheckRecord, CommentRecord, Protection, PullRecord, RepositoryRecord, StatusRecord } from "./records.js";
import { fullName } from "./records.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** Base URLs of the stand-in. */
export interface Addresses {
  readonly api: string;
  readonly web: string;
}

export const APP_ID = 4711;
/** App that owns the check runs of a test that names none. */
export const CI_APP_ID = 15368;

export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${String(id)}`).toString("base64url");
}

export function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}

export function user({ api, web }: Addresses, login: string): JsonObject {
  const at = `${api}/users/${login}`;
  const urls = ["events", "followers", "following", "gists", "organizations", "received_events", "repos", "starred", "subscriptions"];
  return {
    login,
    id: 1,
    node_id: nodeId("User", login),
    avatar_url: `${web}/avatars/${login}`,
    gravatar_id: "",
    url: at,
    html_url: `${web}/${login}`,
    ...Object.fromEntries(urls.map((name) => [`${name}_url`, `${at}/${name}`])),
    type: "User",
    site_admin: false,
  };
}

const REPOSITORY_URLS =
  "archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees";

export function repository(to: Addresses, record: RepositoryRecord): JsonObject {
  const name = fullName(record);
  const at = `${to.api}/repos/${name}`;
  const created = iso(record.createdAt);
  return {
    id: record.id,
    node_id: nodeId("Repository", record.id),
    name: record.name,
    full_name: name,
    owner: user(to, record.owner),
    private: true,
    html_url: `${to.web}/${name}`,
    description: null,
    fork: false,
    url: at,
    ...Object.fromEntries(REPOSITORY_URLS.split(" ").map((part) => [`${part}_url`, `${at}/${part}`])),
    git_url: `${to.web}/${name}.git`,
    ssh_url: `${to.web}/${name}.git`,
    clone_url: `${to.web}/${name}.git`,
    svn_url: `${to.web}/${name}`,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    ...Object.fromEntries(
      [
        "forks",
        "forks_count",
        "stargazers_count",
        "watchers",
        "watchers_count",
        "size",
        "open_issues",
        "open_issues_count",
        "network_count",
        "subscribers_count",
      ].map((part) => [part, 0]),
    ),
    default_branch: "main",
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    pushed_at: created,
    created_at: created,
    updated_at: created,
    allow_merge_commit: true,
    allow_squash_merge: true,
  };
}

export function branch(to: Addresses, record: RepositoryRecord, name: string, facts: CommitFacts): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}/branches/${name}`;
  const guard = record.protections.get(name);
  const old = guard !== undefined && guard.ruleset !== true;
  return {
    name,
    commit: commit(to, record, facts),
    _links: { html: `${to.web}/${fullName(record)}/tree/${name}`, self: at },
    protected: guard !== undefined,
    protection: { enabled: old, ...(old ? { required_status_checks: protectedChecks(guard) } : {}) },
    protection_url: `${at}/protection`,
  };
}

function protectedChecks(guard: Protection): JsonObject {
  const required = guard.required ?? [];
  return {
    enforcement_level: "everyone",
    strict: guard.strict === true,
    contexts: required.map(({ name }) => name),
    checks: required.map(({ name, app }) => ({ context: name, app_id: app ?? null })),
  };
}

export function rules(record: RepositoryRecord, guard: Protection | undefined): readonly JsonObject[] {
  if (guard === undefined || guard.ruleset !== true) return [];
  const source = { ruleset_source_type: "Repository", ruleset_source: fullName(record), ruleset_id: 42 };
  const queue = {
    check_response_timeout_minutes: 60,
    grouping_strategy: "ALLGREEN",
    max_entries_to_build: 5,
    max_entries_to_merge: 5,
    merge_method: "MERGE",
    min_entries_to_merge: 1,
    min_entries_to_merge_wait_minutes: 5,
  };
  const checks = (guard.required ?? []).map(({ name, app }) => ({ context: name, ...(app === undefined ? {} : { integration_id: app }) }));
  return [
    { type: "deletion", ...source },
    ...(checks.length === 0
      ? []
      : [
          {
            type: "required_status_checks",
            parameters: { strict_required_status_checks_policy: guard.strict === true, required_status_checks: checks },
            ...source,
          },
        ]),
    ...(guard.mergeQueue === true ? [{ type: "merge_queue", parameters: queue, ...source }] : []),
  ];
}

const signature = (facts: CommitFacts): JsonObject => ({ name: "Person", email: "person@example.org", date: facts.date });
const UNSIGNED: JsonObject = { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };

export function gitCommit(to: Addresses, record: RepositoryRecord, facts: CommitFacts): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}/git`;
  return {
    sha: facts.sha,
    node_id: nodeId("Commit", facts.sha),
    url: `${at}/commits/${facts.sha}`,
    html_url: `${to.web}/${fullName(record)}/commit/${facts.sha}`,
    author: signature(facts),
    committer: signature(facts),
    message: facts.message,
    tree: { sha: facts.tree, url: `${at}/trees/${facts.tree}` },
    parents: facts.parents.map((sha) => ({ sha, url: `${at}/commits/${sha}`, html_url: `${to.web}/${fullName(record)}/commit/${sha}` })),
    verification: UNSIGNED,
  };
}

export function commit(to: Addresses, record: RepositoryRecord, facts: CommitFacts): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}`;
  return {
    url: `${at}/commits/${facts.sha}`,
    sha: facts.sha,
    node_id: nodeId("Commit", facts.sha),
    html_url: `${to.web}/${fullName(record)}/commit/${facts.sha}`,
    comments_url: `${at}/commits/${facts.sha}/comments`,
    commit: {
      url: `${at}/git/commits/${facts.sha}`,
      author: signature(facts),
      committer: signature(facts),
      message: facts.message,
      comment_count: 0,
      tree: { sha: facts.tree, url: `${at}/git/trees/${facts.tree}` },
      verification: UNSIGNED,
    },
    author: null,
    committer: null,
    parents: facts.parents.map((sha) => ({ sha, url: `${at}/commits/${sha}`, html_url: `${to.web}/${fullName(record)}/commit/${sha}` })),
  };
}

export function files(to: Addresses, record: RepositoryRecord, head: string, changed: readonly ChangedFile[]): readonly JsonObject[] {
  const at = `${to.web}/${fullName(record)}`;
  return changed.map(({ path, sha, status, isBinary }) => ({
    sha,
    filename: path,
    status,
    additions: 0,
    deletions: 0,
    changes: 0,
    blob_url: `${at}/blob/${head}/${path}`,
    raw_url: `${at}/raw/${head}/${path}`,
    contents_url: `${to.api}/repos/${fullName(record)}/contents/${path}?ref=${head}`,
    ...(isBinary ? {} : { patch: "@@" }),
  }));
}

export function reference(to: Addresses, record: RepositoryRecord, name: string, sha: string): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}/git`;
  return { ref: name, node_id: nodeId("Ref", name), url: `${at}/${name}`, object: { type: "commit", sha, url: `${at}/commits/${sha}` } };
}

/** A pull request as a list contains it. */
export function listedPull(to: Addresses, record: RepositoryRecord, pull: PullRecord): JsonObject {
  const name = fullName(record);
  const at = `${to.api}/repos/${name}/pulls/${String(pull.number)}`;
  const issue = `${to.api}/repos/${name}/issues/${String(pull.number)}`;
  const html = `${to.web}/${name}/pull/${String(pull.number)}`;
  const statuses = `${to.api}/repos/${name}/statuses/${pull.head}`;
  const href = (link: string): JsonObject => ({ href: link });
  const end = (ref: string, sha: string, of: string): JsonObject => ({
    label: `${record.owner}:${ref}`,
    ref,
    sha,
    repo: { ...repository(to, record), full_name: of },
    user: user(to, record.owner),
  });
  return {
    url: at,
    id: record.id * 1000 + pull.number,
    node_id: nodeId("PullRequest", `${String(record.id)}/${String(pull.number)}`),
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    body: pull.body,
    user: user(to, "millrace-bot"),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    comments_url: `${issue}/comments`,
    commits_url: `${at}/commits`,
    review_comments_url: `${at}/comments`,
    review_comment_url: `${at}/comments{/number}`,
    statuses_url: statuses,
    assignee: null,
    milestone: null,
    labels: [],
    created_at: iso(pull.createdAt),
    updated_at: iso(pull.mergedAt ?? pull.createdAt),
    closed_at: pull.mergedAt === null ? null : iso(pull.mergedAt),
    merged_at: pull.mergedAt === null ? null : iso(pull.mergedAt),
    merge_commit_sha: pull.mergedAs,
    head: end(pull.branch, pull.head, pull.headRepository),
    base: end(pull.base, pull.baseAtPush, fullName(record)),
    _links: {
      self: href(at),
      html: href(html),
      issue: href(issue),
      comments: href(`${issue}/comments`),
      commits: href(`${at}/commits`),
      statuses: href(statuses),
      review_comments: href(`${at}/comments`),
      review_comment: href(`${at}/comments{/number}`),
    },
    author_association: "MEMBER",
    auto_merge: null,
    draft: false,
  };
}

export function pull(to: Addresses, record: RepositoryRecord, one: PullRecord, mergeable: boolean | null): JsonObject {
  const merged = one.mergedAs !== null;
  const state = mergeable === null ? "unknown" : mergeable ? "clean" : "dirty";
  return {
    ...listedPull(to, record, one),
    merged,
    mergeable: merged ? null : mergeable,
    mergeable_state: merged ? "unknown" : state,
    merged_by: merged ? user(to, "millrace-bot") : null,
    comments: record.comments.get(one.number)?.length ?? 0,
    review_comments: 0,
    commits: 1,
    additions: 1,
    deletions: 0,
    changed_files: 1,
    maintainer_can_modify: false,
  };
}

export function hook(to: Addresses, record: RepositoryRecord, { url, active, events }: NonNullable<RepositoryRecord["hook"]>): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}/hooks/1`;
  return {
    type: "Repository",
    id: 1,
    name: "web",
    active,
    events,
    config: { url, content_type: "json", insecure_ssl: "0", secret: "********" },
    updated_at: iso(record.createdAt),
    created_at: iso(record.createdAt),
    url: at,
    test_url: `${at}/test`,
    ping_url: `${at}/pings`,
    deliveries_url: `${at}/deliveries`,
    last_response: { code: null, status: "unused", message: null },
  };
}

export function app(to: Addresses, id: number): JsonObject {
  return {
    id,
    slug: `app-${String(id)}`,
    node_id: nodeId("App", id),
    owner: user(to, "apps"),
    name: `App ${String(id)}`,
    description: null,
    external_url: to.web,
    html_url: `${to.web}/apps/app-${String(id)}`,
    created_at: iso(0),
    updated_at: iso(0),
    permissions: { checks: "write", metadata: "read" },
    events: ["check_run", "pull_request", "push"],
  };
}

export function checkRun(to: Addresses, record: RepositoryRecord, head: string, check: CheckRecord): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}/check-runs/${String(check.id)}`;
  const html = `${to.web}/${fullName(record)}/runs/${String(check.id)}`;
  return {
    id: check.id,
    node_id: nodeId("CheckRun", check.id),
    head_sha: head,
    name: check.name,
    external_id: "",
    url: at,
    html_url: html,
    details_url: html,
    status: check.status,
    conclusion: check.conclusion,
    started_at: iso(record.createdAt),
    completed_at: check.completedAt === null ? null : iso(check.completedAt),
    output: { title: null, summary: check.summary, text: null, annotations_count: 0, annotations_url: `${at}/annotations` },
    check_suite: { id: check.suite },
    app: app(to, check.app),
    pull_requests: [],
  };
}

export function status(to: Addresses, record: RepositoryRecord, head: string, one: StatusRecord): JsonObject {
  return {
    id: one.id,
    node_id: nodeId("Status", one.id),
    url: `${to.api}/repos/${fullName(record)}/statuses/${head}`,
    avatar_url: null,
    state: one.state,
    context: one.context,
    description: one.description,
    target_url: null,
    created_at: iso(one.updatedAt),
    updated_at: iso(one.updatedAt),
  };
}

/** A status as the list of statuses has it. An App reports as its bot account. */
export function createdStatus(to: Addresses, record: RepositoryRecord, head: string, one: StatusRecord): JsonObject {
  const login = one.app === null ? "somebody" : `app-${String(one.app)}[bot]`;
  return { ...status(to, record, head, one), creator: { ...user(to, login), type: one.app === null ? "User" : "Bot" } };
}

export function comment(to: Addresses, record: RepositoryRecord, number: number, one: CommentRecord): JsonObject {
  const at = `${to.api}/repos/${fullName(record)}/issues`;
  return {
    id: one.id,
    node_id: nodeId("IssueComment", one.id),
    url: `${at}/comments/${String(one.id)}`,
    html_url: `${to.web}/${fullName(record)}/pull/${String(number)}#issuecomment-${String(one.id)}`,
    issue_url: `${at}/${String(number)}`,
    body: one.body,
    user: user(to, "millrace-bot"),
    created_at: iso(one.at),
    updated_at: iso(one.at),
    author_association: "MEMBER",
  };
}

export function installation(
  to: Addresses,
  id: number,
  owner: string,
  given: { readonly permissions: Readonly<Record<string, string>>; readonly events: readonly string[] },
): JsonObject {
  return {
    id,
    account: user(to, owner),
    repository_selection: "all",
    access_tokens_url: `${to.api}/app/installations/${String(id)}/access_tokens`,
    repositories_url: `${to.api}/installation/repositories`,
    html_url: `${to.web}/settings/installations/${String(id)}`,
    app_id: APP_ID,
    app_slug: "millrace",
    target_id: 1,
    target_type: "Organization",
    permissions: given.permissions,
    events: given.events,
    created_at: iso(0),
    updated_at: iso(0),
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}
