/** `examineGitHub`: what is missing in a repository's settings, each with its fix. */
import { examineGitHub, type GitHubFinding } from "@millrace/integrations/github";
import { describe, expect, it } from "vitest";
import { createGitHubHarness, type GitHubHarness } from "./harness.fixture.js";
import { silentLog } from "@millrace/testing";

const EVENTS = ["pull_request", "push", "check_run", "status"];

interface ExamineOptions {
  readonly as?: "token" | "app";
  readonly token?: string;
  readonly ci?: "required" | "none";
  readonly repository?: GitHubHarness["repository"];
}

function examine({ hub, clock, repository }: GitHubHarness, asked: ExamineOptions = {}): Promise<readonly GitHubFinding[]> {
  const { app } = hub;
  const auth =
    asked.as === "app"
      ? ({ as: "app", appId: app.id, privateKey: app.privateKey } as const)
      : ({ as: "token", token: asked.token ?? hub.token } as const);
  const settings = { apiUrl: hub.apiUrl, webUrl: hub.webUrl, retryMs: 0, throttleWrites: false };
  const options = { auth, settings, clock, log: silentLog, wait: () => Promise.resolve() };
  return examineGitHub(options, asked.repository ?? repository, { ci: asked.ci ?? "required" });
}

/** A repository with every required setting. */
async function complete(): Promise<GitHubHarness> {
  const harness = await createGitHubHarness();
  harness.project.protect("main", { strict: true, required: [{ name: "unit" }] });
  harness.project.check((await harness.tip("main")) ?? "", "unit", "success");
  harness.project.hook({ active: true, events: EVENTS });
  return harness;
}

const missing = (findings: readonly GitHubFinding[]) =>
  findings.filter(({ status }) => status !== "ok").map(({ about, status }) => `${status} ${about}`);

describe("a repository on GitHub", () => {
  it.each(["token", "app"] as const)("where nothing is missing is told so (%s)", async (as) => {
    await using harness = await complete();
    const findings = await examine(harness, { as });
    expect(missing(findings)).toEqual([]);
    expect(findings.map(({ about }) => about)).toEqual(["credential", "permissions", "branch", "webhook", "protection", "ci"]);
  });

  it("is only read by the examination", async () => {
    await using harness = await complete();
    await examine(harness);
    expect(new Set(harness.hub.exchanges.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it.each<[string, (harness: GitHubHarness) => unknown, readonly string[], RegExp, ExamineOptions?]>([
    ["no webhook", ({ project }) => project.hook(null), ["warn webhook"], /pull_request, push, check_run, status/],
    ["a webhook that is off", ({ project }) => project.hook({ active: false, events: EVENTS }), ["warn webhook"], /add a webhook/],
    [
      "a webhook without an event",
      ({ project }) => project.hook({ active: true, events: EVENTS.slice(1) }),
      ["warn webhook"],
      /pull_request/,
    ],
    ["an unseen webhook", ({ hub }) => hub.grant({ denied: ["webhooks=read"] }), ["warn webhook"], /add a webhook/],
    [
      "an App without an event",
      ({ hub }) => hub.grant({ events: ["push"] }),
      ["warn webhook"],
      /pull_request, check_run, status/,
      { as: "app" },
    ],
    ["no protection", ({ project }) => project.protect("main", null), ["warn protection"], /ruleset/],
    [
      "a loose protection",
      ({ project }) => project.protect("main", { required: [{ name: "unit" }] }),
      ["warn up to date"],
      /Require branches to be up to date/,
    ],
    [
      "a required check that nobody reports",
      ({ project }) => project.protect("main", { strict: true, required: [{ name: "unit" }, { name: "e2e" }] }),
      ["warn required checks"],
      /take them off/,
    ],
    [
      "a merge queue that tests nothing",
      ({ project }) => project.protect("main", { ruleset: true, mergeQueue: true }),
      ["warn required checks"],
      /merge groups/,
    ],
    ["too small a scope", ({ hub }) => hub.grant({ scopes: "public_repo, gist" }), ["fail permissions"], /'repo'/],
    [
      "no right to read checks",
      ({ hub }) => hub.grant({ scopes: null, denied: ["checks=read"] }),
      ["fail permissions", "fail ci"],
      /checks=read/,
    ],
    ["an account that may only read", ({ hub }) => hub.grant({ push: false }), ["fail permissions"], /write access/],
    [
      "an App that may only read",
      ({ hub }) => hub.grant({ permissions: { contents: "read", pull_requests: "write", checks: "read", metadata: "read" } }),
      ["fail permissions"],
      /contents=write, statuses=read/,
      { as: "app" },
    ],
  ])("with %s is told what to do", async (_what, break_, expected, fix, asked) => {
    await using harness = await complete();
    break_(harness);
    const findings = await examine(harness, asked);
    expect(missing(findings)).toEqual(expected);
    expect(findings.find(({ status }) => status !== "ok")?.fix).toMatch(fix);
  });

  it("without any CI can never merge, unless that is meant", async () => {
    await using harness = await createGitHubHarness();
    harness.project.hook({ active: true, events: ["*"] });
    expect(missing(await examine(harness))).toEqual(["warn protection", "fail ci"]);
    expect(missing(await examine(harness, { ci: "none" }))).toEqual(["warn protection", "warn ci"]);
  });

  it("is judged by its open pull requests where the base itself has no checks", async () => {
    await using harness = await createGitHubHarness();
    const head = await harness.commit("work", { "work.txt": "x\n" });
    await harness.forge.openPullRequest(harness.repository, { branch: "work", title: "Work", body: "" });
    harness.project.check(head, "unit", "failure");
    expect(missing(await examine(harness))).not.toContain("fail ci");
  });

  it.each<[string, ExamineOptions, RegExp]>([
    ["the token is wrong", { token: "ghp_wrong" }, /does not accept the credential/],
    ["it is not there", { repository: { forge: "github", id: "acme/none", base: "main" } }, /no repository 'acme\/none'/],
    ["the App is not installed", { as: "app", repository: { forge: "github", id: "acme/none", base: "main" } }, /not installed/],
  ])("that cannot be read because %s is one finding", async (_why, asked, message) => {
    await using harness = await complete();
    const findings = await examine(harness, asked);
    expect(findings).toEqual([{ about: "credential", status: "fail", message: expect.stringMatching(message), fix: expect.any(String) }]);
  });

  it("without its base branch is told so", async () => {
    await using harness = await complete();
    const findings = await examine(harness, { repository: { ...harness.repository, base: "trunk" } });
    expect(missing(findings)).toEqual(["fail branch"]);
  });
});
