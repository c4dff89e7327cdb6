/** A board on GitHub through the real program: made, examined, driven. GitHub is a stand-in on loopback. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { SampleScript } from "@millrace/executors";
import { createGitHubStandIn, type GitHubRepository, type GitHubStandIn } from "@millrace/testing/github";
import { describe, expect, it } from "vitest";
import type { Finding } from "./doctor/finding.js";
import { createRepository, type Sandbox } from "./sandbox.fixture.js";

const EVENTS = ["pull_request", "push", "check_run", "status"];
const script: SampleScript = {
  turns: [
    { kind: "coder", plan: [], actions: [{ write: { path: "answer.txt", text: "41\n" } }], say: "The answer is written." },
    { kind: "ci-fixer", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "Repaired: it is 42." },
    { kind: "merger", plan: [], actions: [], say: '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file"}' },
  ],
};

interface Place extends AsyncDisposable {
  readonly hub: GitHubStandIn;
  readonly project: GitHubRepository;
  readonly sandbox: Sandbox;
  init(...more: readonly string[]): ReturnType<Sandbox["cli"]>;
  /** Findings of the doctor by name. */
  doctor(): Promise<{ readonly code: number | null; readonly found: ReadonlyMap<string, Finding> }>;
}

/** A working copy, and a complete repository on GitHub. `token` null: none in the environment. */
async function place(token?: string | null): Promise<Place> {
  const hub = await createGitHubStandIn();
  const project = await hub.createRepository("acme/shop", { "readme.md": "sample\n" });
  project.protect("main", { strict: true, required: [{ name: "unit" }] });
  project.check((await project.tip("main")) ?? "", "unit", "success");
  project.hook({ active: true, events: EVENTS });
  const env: Readonly<Record<string, string>> = token === null ? {} : { GITHUB_TOKEN: token ?? hub.token };
  const sandbox = await createRepository({ "readme.md": "sample\n" }, env);
  const at = ["--github", "acme/shop", "--github-api", hub.apiUrl, "--github-web", hub.webUrl];
  return {
    hub,
    project,
    sandbox,
    init: (...more) => sandbox.cli("init", ...at, ...more),
    async doctor() {
      const { code, stdout } = await sandbox.cli("doctor", "--json");
      const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
      return { code, found: new Map(findings.map((one) => [one.name, one])) };
    },
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await hub[Symbol.asyncDispose]();
    },
  };
}

describe("init --github", () => {
  it("makes a board on GitHub's default branch, and keeps no token", async () => {
    await using here = await place();
    const { sandbox, hub } = here;
    const made = await here.init();
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining("base     main of acme/shop on GitHub") });
    for (const name of ["token", "permissions", "webhook", "protection", "ci"])
      expect(made.stdout).toMatch(new RegExp(`^ok +${name} `, "m"));
    const config: unknown = JSON.parse(await readFile(sandbox.path(".millrace", "config.json"), "utf8"));
    expect(config).toMatchObject({ checks: [], ci: "required", repository: { forge: "github", id: "acme/shop", base: "main" } });
    const kept = await promisify(execFile)("grep", ["-r", "-l", hub.token, sandbox.folder]).catch(({ code }: { code: number }) => code);
    expect(kept).toBe(1);
    expect(await sandbox.cli("tasks")).toMatchObject({ code: 0 });
  });

  it("says at its end what is missing, and makes the board all the same", async () => {
    await using here = await place();
    here.project.protect("main", null);
    here.project.hook(null);
    const made = await here.init();
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/warn +webhook .*\n +fix: add a webhook/);
    expect(made.stdout).toMatch(/warn +protection .*\n +fix: require status checks/);
  });

  it.each([
    ["a check of its own", ["--check", "npm test"], /--check is for a local repository/],
    ["a token instead of its variable", ["--token-env", "ghp-1"], /tokenEnv/],
  ])("refuses %s", async (_what, more, message) => {
    await using here = await place();
    expect(await here.init(...more)).toMatchObject({ code: 3, stderr: expect.stringMatching(message) });
  });

  it("refuses what GitHub does not have, and leaves nothing behind", async () => {
    await using here = await place();
    const { hub, sandbox } = here;
    const refused = await sandbox.cli("init", "--github", "acme/none", "--github-api", hub.apiUrl, "--github-web", hub.webUrl);
    expect(refused.stderr).toContain("acme/none");
    expect(refused.code).not.toBe(0);
    expect(await sandbox.git("status", "--porcelain", "--ignored")).toBe("");
  });
});

describe("doctor on GitHub", () => {
  it.each<[string, (place: Place) => unknown, string, "warn" | "fail", RegExp]>([
    ["no webhook", ({ project }) => project.hook(null), "webhook", "warn", /add a webhook/],
    ["a webhook without an event", ({ project }) => project.hook({ active: true, events: ["push"] }), "webhook", "warn", /check_run/],
    ["no protection", ({ project }) => project.protect("main", null), "protection", "warn", /ruleset/],
    ["a loose protection", ({ project }) => project.protect("main", {}), "up to date", "warn", /up to date/],
    [
      "a check that is never reported",
      ({ project }) => project.protect("main", { strict: true, required: [{ name: "e2e" }] }),
      "required checks",
      "warn",
      /workflow/,
    ],
    ["too small a scope", ({ hub }) => hub.grant({ scopes: "gist" }), "permissions", "fail", /'repo'/],
    ["a missing permission", ({ hub }) => hub.grant({ scopes: null, denied: ["checks=read"] }), "permissions", "fail", /checks=read/],
    ["no access to the repository", ({ hub }) => hub.grant({ push: false }), "permissions", "fail", /write access/],
  ])("finds %s", async (_what, break_, name, status, fix) => {
    await using here = await place();
    expect((await here.init()).code).toBe(0);
    expect((await here.doctor()).found.get(name)?.status ?? "ok").toBe("ok");
    break_(here);
    const { code, found } = await here.doctor();
    expect(found.get(name)).toMatchObject({ status, fix: expect.stringMatching(fix) });
    expect(code).toBe(status === "fail" ? 7 : 0);
  });

  it.each([
    [null, "token", /GITHUB_TOKEN/],
    ["ghp_somebody-elses", "credential", /does not accept/],
  ])("finds that the token is %s", async (token, name, message) => {
    await using here = await place(token);
    expect((await here.init("--base", "main")).code).toBe(0);
    const { code, found } = await here.doctor();
    expect(found.get(name)).toMatchObject({ status: "fail", message: expect.stringMatching(message), fix: expect.any(String) });
    expect(code).toBe(7);
  });

  it("finds that nothing has ever checked anything", async () => {
    await using here = await place();
    const { hub, sandbox } = here;
    await hub.createRepository("acme/bare", { "readme.md": "sample\n" });
    await sandbox.cli("init", "--github", "acme/bare", "--github-api", hub.apiUrl, "--github-web", hub.webUrl);
    expect((await here.doctor()).found.get("ci")).toMatchObject({ status: "fail", fix: expect.stringContaining("--no-ci") });
  });
});

describe("run on GitHub", () => {
  it("opens a pull request, repairs what CI found red, and merges", { timeout: 120_000 }, async () => {
    await using here = await place();
    const { project, sandbox } = here;
    project.runCi((files) => ({ unit: files["answer.txt"] === "42\n" ? "success" : "failure" }));
    expect((await here.init("--agent", await sandbox.agent(script))).code).toBe(0);
    // The test does not wait for the default poll interval of 15 s.
    const path = sandbox.path(".millrace", "config.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"pollMs": 15000', '"pollMs": 1000'));
    const before = await project.tip("main");
    await sandbox.cli("task", "add", "Write the answer", "--pipeline", "pl_minimal");
    const ran = await sandbox.cli("run");
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("git pull origin main") });
    const landed = (await project.tip("main")) ?? "";
    expect((await project.parents(landed))[0]).toBe(before);
    expect(await project.files(landed)).toMatchObject({ "answer.txt": "42\n" });
    expect(project.pulls).toMatchObject([{ state: "closed", mergedAs: landed }]);
  });

  it("says which variable is missing before it starts anything", async () => {
    await using here = await place(null);
    const { project, sandbox } = here;
    await here.init("--base", "main", "--agent", await sandbox.agent(script));
    await sandbox.cli("task", "add", "Write the answer", "--pipeline", "pl_minimal");
    const ran = await sandbox.cli("run");
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining("GITHUB_TOKEN") });
    expect(JSON.parse((await sandbox.cli("runs", "--json")).stdout)).toMatchObject({ runs: [] });
    expect(project.pulls).toEqual([]);
  });
});
