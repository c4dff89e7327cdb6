import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import type { ReviewItem, RunView, TimelineEntry } from "@millrace/contracts";
import { HEAD, reviewer, runView, stepView, T0, waitingView, waitView } from "./run-view.fixture.js";
import { eventLine, timelineLine } from "./event-line.logic.js";
import { runLines } from "./run-lines.logic.js";
import { reviewLines } from "./review-lines.logic.js";
import { restLines } from "./rest-lines.logic.js";
import { progressLine, treeLines } from "./tree.logic.js";
import { transcriptLines } from "./transcript.logic.js";
import { pipelineLines, runListLines, taskLines } from "./list-lines.logic.js";
import { findingLines } from "./finding-lines.logic.js";
import { warn } from "../doctor/finding.js";

const plain = picocolors.createColors(false);
const NOW = T0 + 10_000;
const job = { key: "k", kind: "coder", ref: "r", model: "agent:sample" };
const jobStarted: TimelineEntry = {
  version: 1,
  at: T0,
  actor: { type: "system", id: "millrace" },
  event: { type: "job-started", step: 0, job },
  line: { step: 1, tone: "plain", text: "coder at work (agent:sample)" },
};
const shown = (view: RunView): readonly string[] => runLines(view, { sandboxes: [], now: NOW }, plain);

describe("show", () => {
  it("F:B4 says what a run spent by class of token, and how much of it is an estimate", () => {
    const tokens = { inputTokens: 1200, outputTokens: 30, cacheReadTokens: 9000, cacheWriteTokens: 0 };
    const view = { ...runView(), cost: { calls: 2, ...tokens, settledMicros: 1_230_000, estimatedCalls: 1 } };
    expect(shown(view).find((line) => line.startsWith("cost"))).toMatch(
      /2 calls, 1,?200 tokens in, 30 out, 9,?000 read from a cache, 0 written to one, 1\.2300 settled, 1 of unknown cost counted as reserved$/,
    );
  });

  it("prints a run with its evidence, so that its reasons are all there", () => {
    const [coder, gate] = runView().steps;
    if (coder === undefined || gate === undefined) throw new TypeError("the fixture has two steps at least");
    const text = shown(runView({ steps: [coder, gate, reviewer(3), stepView(4, "merger")], timeline: [jobStarted] })).join("\n");
    expect(text).toContain("run_1  running");
    expect(text).toContain("why          ci-fixer at work.");
    expect(text).toContain("task         Add a discount  blk_1");
    expect(text).toContain("  ✔  1 coder                4.0 s, waited 1.0 s, agent:sample, wrote 12 characters");
    expect(text).toContain("       red: npm test: failure");
    expect(text).toContain("       head aaaaaaaaaa  base bbbbbbbbbb  settings cccccccccc");
    expect(text).toContain("       check npm test: failure\n         | 1 failing\n         |   expected 42");
    expect(text).toContain("       helper attempt 1 for aaaaaaaaaa: completed: repaired it");
    expect(text).toContain("       rating 1: 0.6 of 0.8, not yet: say why\n         - explain it");
    expect(text).toContain("step 1 coder: coder at work (agent:sample)");
  });

  it("prints what a tester found, and what else a step has to say", () => {
    const report = {
      accepted: false,
      because: "no greenlight",
      summary: "it crashes",
      concerns: [{ title: "Crash", severity: "high" as const }],
      head: HEAD,
    };
    const text = shown(runView({ steps: [stepView(1, "tester", { report }), stepView(2, "tracker", { note: "not filed: away" })] })).join(
      "\n",
    );
    expect(text).toContain("       tests not accepted: no greenlight\n         - high: Crash");
    expect(text).toContain("       not filed: away");
  });

  it("ends with what waits, what is to be judged, and how to answer", () => {
    const lines = shown(waitingView(waitView({ text: "# Design\n\nWrite it." })));
    expect(lines.slice(lines.indexOf("Waits for a person"))).toEqual([
      "Waits for a person",
      "  Approve the design?",
      "",
      "  | # Design",
      "  |",
      "  | Write it.",
      "",
      `  digest of what is shown: ${"d".repeat(64)}`,
      "  answer with:",
      "    millrace approve run_1 --digest dddddddddddd",
      '    millrace changes run_1 --feedback "..."',
      '    millrace reject run_1 --reason "..."',
    ]);
  });
});

describe("how a run rests", () => {
  it("says what was merged and how to get it", () => {
    expect(restLines(runView({ status: "done", merged: HEAD, finishedAt: T0 + 3000 }), plain)).toEqual([
      "merged as aaaaaaaaaa after 3.0 s",
      "run_1  Add a discount",
      "see it: millrace show run_1",
      "next: git pull millrace main",
    ]);
  });

  it("says why it failed, in one line, and what to do", () => {
    const failure = {
      kind: "completion",
      code: "nothing_committed",
      message: "no\ncommit",
      detail: null,
      hint: "make the task clearer",
      step: 0,
      at: T0,
    } as const;
    const lines = restLines(runView({ status: "failed", failure, finishedAt: T0 + 1500 }), plain);
    expect(lines.slice(0, 3)).toEqual(["failed in step 1 after 1.5 s: no commit", "run_1  Add a discount", "make the task clearer"]);
    expect(lines).toContain("next: millrace retry run_1");
  });
});

describe("events", () => {
  const kinds = ["coder", "ci"];

  it("name their step, and put the detail behind a colon", () => {
    expect(eventLine({ step: 2, tone: "bad", text: "forge_failed", detail: "git\nsaid no" }, kinds)).toBe(
      "step 2 ci: forge_failed: git said no",
    );
    expect(eventLine({ step: 1, tone: "good", text: "done" }, kinds)).toBe("step 1 coder: done");
    expect(eventLine({ step: null, tone: "bad", text: "run cancelled", detail: "enough" }, kinds)).toBe("run cancelled: enough");
    expect(eventLine({ step: 9, tone: "plain", text: "begins" }, kinds)).toBe("step 9: begins");
  });

  it("are cut to one line", () => {
    expect(eventLine({ step: 1, tone: "bad", text: "x".repeat(300) }, kinds)).toHaveLength(240);
  });

  it("name the person who acted", () => {
    const answered: TimelineEntry = {
      ...jobStarted,
      actor: { type: "human", id: "ada" },
      line: { step: 1, tone: "plain", text: "ada answers", detail: "rejected: no" },
    };
    expect(timelineLine(answered, kinds)).toMatch(/ {2}step 1 coder: ada answers: rejected: no {2}\(ada\)$/);
    expect(timelineLine(jobStarted, kinds)).toMatch(/agent:sample\)$/);
    expect(timelineLine({ ...jobStarted, line: null }, kinds)).toBeNull();
  });
});

describe("the tree", () => {
  const progress = {
    completed: 1,
    total: 2,
    items: [
      { label: "write it", status: "completed" },
      { label: "test it", status: "in_progress" },
    ],
  } as const;

  it("shows subtasks below the step that works", () => {
    const lines = treeLines({ view: runView(), progress, now: NOW }, plain, { columns: 80, rows: 40 });
    expect(lines).toEqual([
      "Add a discount",
      "run_1  Simple  running  10.0 s",
      " ✔  1 coder                4.0 s",
      " ●  2 ci                   starting the ci-fixer, try 2, red for aaaaaaaaaa,…",
      "      ✔ write it",
      "      ● test it",
      " ○  3 merger",
    ]);
  });

  it("fits the terminal in both directions", () => {
    const many = runView({ steps: Array.from({ length: 50 }, (_, index) => runView().steps[1] ?? stepView(index + 1, "ci")) });
    const lines = treeLines({ view: many, progress: null, now: T0 }, plain, { columns: 60, rows: 20 });
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(60);
  });

  it("tells subtasks in one line where nothing is redrawn", () => {
    expect(progressLine(progress)).toBe("1 of 2 subtasks done, now: test it");
  });
});

describe("transcripts", () => {
  const update = (body: object) => ({
    at: 1,
    direction: "from-agent" as const,
    entry: { method: "session/update", params: { update: body } },
  });

  it("join what the agent said and name its tools", () => {
    expect(
      transcriptLines([
        { at: 1, direction: "to-agent", entry: { method: "session/prompt", params: { prompt: [{ type: "text", text: "12345" }] } } },
        { at: 1, direction: "to-agent", entry: { method: "initialize", params: {} } },
        update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: "Hel" } }),
        update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: "lo\u001B[31m" } }),
        update({ sessionUpdate: "tool_call", title: "edit a.txt" }),
        { at: 1, direction: "stderr", entry: "warning\n" },
        { at: 1, direction: "note", entry: "turn completed" },
      ]),
    ).toEqual(["-- prompt of 5 characters", "Hello", "-- tool: edit a.txt", "stderr: warning", "-- turn completed"]);
  });
});

describe("lists", () => {
  it("line up", () => {
    const times = { createdAt: T0, updatedAt: T0 };
    const pipeline = { id: "pl_1", digest: "d" };
    const summary = { id: "run_1", workspaceId: "w", blockId: "blk_1", pipeline, status: "done", revision: 1, ...times } as const;
    expect(runListLines([summary], new Map([["blk_1", "Add a discount"]]), T0 + 60_000)[1]).toBe(
      "run_1  done    1 min ago  1 min ago  Add a discount",
    );
    expect(taskLines([])).toEqual(["TASK  STATUS  DONE  RUN  TITLE"]);
    const off = { kind: "ci", approval: { approvers: 1 }, bar: null, instructions: null, gating: null, consensus: null, enabled: false };
    expect(pipelineLines([{ id: "pl_1", name: "One", steps: [off] }], "pl_1")[1]).toBe("pl_1 *    One   ci (asks) (off)");
  });

  it("give a finding's fix a line of its own", () => {
    expect(findingLines(warn("disk", "0.5 GiB free", "make room"), plain)).toEqual([
      "warn  disk             0.5 GiB free",
      "                       fix: make room",
    ]);
  });
});

describe("reviews", () => {
  const review = {
    id: "rev_1",
    workspaceId: "ws_1",
    blockId: "blk_1",
    runId: "run_1",
    kind: "requirements-review",
    iteration: 2,
    status: "ready",
    document: null,
    description: "d",
    model: null,
    createdAt: T0,
  } as const;
  const item = (id: string, given: Partial<ReviewItem> = {}): ReviewItem => ({
    id,
    workspaceId: "ws_1",
    reviewId: "rev_1",
    position: 0,
    category: "gap",
    severity: "high",
    title: "Rounding",
    detail: "Whole cents?",
    status: "open",
    reply: null,
    ...given,
  });

  it("list findings with their ids, what people said, and what is left to do", () => {
    const items = [item("f1"), item("f2", { status: "answered", severity: "low", reply: "Yes.\nAlways." })];
    expect(reviewLines({ review, items }, "run_1", plain)).toEqual([
      "requirements-review, iteration 2: waits for answers",
      "  f1   open      high   Rounding  gap",
      "         Whole cents?",
      "  f2   answered  low    Rounding  gap",
      "         Whole cents?",
      "       > Yes.",
      "       > Always.",
      '  1 open: millrace review reply run_1 <id> --text "...", or dismiss, or resolve; then: millrace incorporate run_1',
    ]);
  });

  it.each([
    ["ready", [item("f1", { status: "dismissed" })], "fold the answers in: millrace incorporate run_1"],
    ["exceeded", [item("f1")], "as it is: millrace proceed run_1"],
    ["incorporated", [], "nothing was found"],
  ] as const)("that are %s end with what comes next", (status, items, last) => {
    expect(
      reviewLines({ review: { ...review, status }, items }, "run_1", plain)
        .at(-1)
        ?.trim(),
    ).toBe(last);
  });
});
