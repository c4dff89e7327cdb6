import { sign } from "@octokit/webhooks-methods";
import { describe, expect, it } from "vitest";
import { createMemoryDeliveries } from "./deliveries.js";
import { createGitHubWebhooks } from "./handler.js";
import { nudgeRuns } from "./nudge-runs.js";
import { subjectOf, type WebhookSubject } from "./subject.logic.js";

const HEAD = "a".repeat(40);
const repository = { full_name: "acme/project" };
const SECRET = "first secret";

interface DeliveryDraft {
  readonly event?: string | null;
  readonly id?: string | null;
  readonly secret?: string;
  readonly body?: string;
  readonly signature?: string;
}

async function delivery({ event = "status", id = "1", secret = SECRET, body, signature }: DeliveryDraft = {}): Promise<Request> {
  const text = body ?? JSON.stringify({ repository, sha: HEAD, branches: [{ name: "millrace/blk_1" }] });
  const headers = new Headers({ "x-hub-signature-256": signature ?? (await sign(secret, text)) });
  if (event !== null) headers.set("x-github-event", event);
  if (id !== null) headers.set("x-github-delivery", id);
  return new Request("https://millrace.example/github/webhooks", { method: "POST", headers, body: text });
}

function handler(nudge: (subject: WebhookSubject) => Promise<void> = () => Promise.resolve()) {
  const nudged: WebhookSubject[] = [];
  const warned: object[] = [];
  const handle = createGitHubWebhooks({
    secrets: ["new secret", SECRET],
    deliveries: createMemoryDeliveries(),
    log: { info: () => undefined, warn: (event, fields) => void warned.push({ event, ...fields }) },
    async nudge(subject) {
      await nudge(subject);
      nudged.push(subject);
    },
  });
  return { handle, nudged, warned };
}

describe("a delivery", () => {
  it("with a valid signature nudges, also when it is signed with the secret before", async () => {
    const { handle, nudged } = handler();
    expect((await handle(await delivery())).status).toBe(202);
    expect((await handle(await delivery({ id: "2", secret: "new secret" }))).status).toBe(202);
    expect(nudged).toHaveLength(2);
    expect(nudged[0]).toEqual({ repository: "acme/project", branches: ["millrace/blk_1"], pushed: null, pullRequests: [], head: HEAD });
  });

  it.each([
    ["another secret", { secret: "wrong" }, 401],
    ["no signature", { signature: "" }, 401],
    ["a signature of another body", { signature: `sha256=${"0".repeat(64)}` }, 401],
    ["no JSON", { body: "not json" }, 400],
    ["no event", { event: null }, 400],
    ["no id", { id: null }, 400],
  ])("with %s is refused", async (_name, sent, status) => {
    const { handle, nudged } = handler();
    expect((await handle(await delivery(sent))).status).toBe(status);
    expect(nudged).toEqual([]);
  });

  it("that came before does nothing", async () => {
    const { handle, nudged } = handler();
    await handle(await delivery());
    expect((await handle(await delivery())).status).toBe(200);
    expect(nudged).toHaveLength(1);
  });

  it("whose nudge failed may come again; the log names it without its content", async () => {
    let broken = true;
    const { handle, nudged, warned } = handler(() => (broken ? Promise.reject(new Error(`database said ${SECRET}`)) : Promise.resolve()));
    expect((await handle(await delivery())).status).toBe(500);
    expect(warned).toEqual([{ event: "status", delivery: "1", code: "internal" }]);
    broken = false;
    expect((await handle(await delivery())).status).toBe(202);
    expect(nudged).toHaveLength(1);
  });

  it("above 25 MiB is refused without reading the rest of it", async () => {
    const { handle } = handler();
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const init = { method: "POST", body, duplex: "half" } as const;
    expect((await handle(new Request("https://millrace.example/", init))).status).toBe(413);
    expect(pulled).toBeLessThan(30);
  });

  it("is posted", async () => {
    expect((await handler().handle(new Request("https://millrace.example/"))).status).toBe(405);
  });
});

describe("what a delivery is about", () => {
  const pull = { number: 7, head: { ref: "millrace/blk_1", sha: HEAD } };
  it.each([
    ["pull_request", { pull_request: pull }, ["millrace/blk_1"], [7]],
    ["check_run", { check_run: { head_sha: HEAD, check_suite: { head_branch: "millrace/blk_1" } } }, ["millrace/blk_1"], []],
    ["check_suite", { check_suite: { head_branch: null, head_sha: HEAD, pull_requests: [pull] } }, ["millrace/blk_1"], [7]],
    ["workflow_run", { workflow_run: { head_branch: "millrace/blk_1", head_sha: HEAD } }, ["millrace/blk_1"], []],
    ["push", { ref: "refs/heads/millrace/blk_1", after: HEAD }, ["millrace/blk_1"], []],
  ])("%s", (event, payload, branches, pullRequests) => {
    expect(subjectOf(event, { repository, ...payload })).toEqual({
      repository: "acme/project",
      branches,
      pushed: event === "push" ? "millrace/blk_1" : null,
      pullRequests,
      head: HEAD,
    });
  });

  it.each([
    ["star", { repository }],
    ["push", { ref: "refs/heads/main" }],
    ["check_run", { repository, check_run: { head_sha: "no sha" } }],
  ])("%s of nothing that is waited for is nothing", (event, payload) => {
    expect(subjectOf(event, payload)).toBeNull();
  });
});

describe("nudging runs", () => {
  it("finds the live run of the branch's block, in every workspace of the repository", async () => {
    const nudged: string[] = [];
    const pipeline = { id: "pl_1", digest: "d" };
    const nudge = nudgeRuns({
      runs: {
        liveOfBlock: (workspaceId, blockId) =>
          Promise.resolve(
            workspaceId === "ws_2" && blockId === "blk_1"
              ? { id: "run_1", workspaceId, blockId, pipeline, status: "running", revision: 1, createdAt: 1, updatedAt: 1 }
              : null,
          ),
        list: () => Promise.resolve([]),
      },
      blocks: { get: () => Promise.resolve(null) },
      nudge: ({ workspaceId, runId }) => Promise.resolve(nudged.push(`${workspaceId}/${runId}`)),
      workspacesOf: (name) => Promise.resolve(name === "acme/project" ? ["ws_1", "ws_2"] : []),
    });
    await nudge({ repository: "acme/project", branches: ["main", "millrace/blk_1"], pushed: null, pullRequests: [], head: null });
    await nudge({ repository: "acme/project", branches: ["main"], pushed: null, pullRequests: [7], head: null });
    await nudge({ repository: "acme/other", branches: ["millrace/blk_1"], pushed: "millrace/blk_1", pullRequests: [], head: null });
    expect(nudged).toEqual(["ws_2/run_1"]);
  });
});

describe("the memory of deliveries", () => {
  it("is bounded", async () => {
    const log = createMemoryDeliveries(2);
    for (const id of ["a", "b", "c"]) await log.add(id);
    expect(await Promise.all(["a", "b", "c"].map((id) => log.has(id)))).toEqual([false, true, true]);
  });
});
