/** Compares the history with the ledger: every key intended and done once, every merge once and recorded, every token counted once. */
import { TASKS_PER_REPOSITORY } from "../plan.logic.js";
import type { RunEventBody } from "@millrace/contracts";
import type { Ledger, LedgerEntry } from "../ledger.schema.js";
import type { FleetPlan } from "../plan.logic.js";
import { COST_MICROS } from "../script.logic.js";
import { repeated, type Violation } from "./violation.logic.js";
import type { FleetRecords } from "./records.fixture.js";

export function environmentViolations(records: FleetRecords, ledger: Ledger, plan: FleetPlan): readonly Violation[] {
  return [
    ...keyViolations(records, ledger),
    ...workViolations(ledger, plan),
    ...mergeViolations(records, ledger),
    ...mainlineViolations(ledger),
    ...pullRequestViolations(records, ledger),
    ...usageViolations(records, ledger),
    ...assessmentViolations(ledger, plan),
  ];
}

function bodiesOf({ events }: FleetRecords): readonly RunEventBody[] {
  return [...events.values()].flatMap((list) => list.map(({ entry }) => entry.event));
}

function keyViolations(records: FleetRecords, { keys }: Ledger): readonly Violation[] {
  const bodies = bodiesOf(records);
  const requested = new Set(bodies.flatMap((event) => (event.type === "effect-requested" ? [event.effect.key] : [])));
  const known = new Set(keys.map(({ key }) => key));
  const started = bodies.flatMap((event) => (event.type === "job-started" ? [event.job.key] : []));
  return [
    ...keys
      .filter(({ key }) => !requested.has(requestOf(key)))
      .map(({ key }): Violation => ({ is: "lost", rule: "intent", what: `'${key}' was requested, and no event requests it` })),
    ...keys
      .filter(({ intended }) => !intended)
      .map(({ key }): Violation => ({
        is: "wrong",
        rule: "intent-first",
        what: `'${key}' was requested before the stored run requested it`,
      })),
    ...keys
      .filter(({ performed }) => performed !== 1)
      .map(({ key, performed }): Violation => ({
        is: performed > 1 ? "twice" : "lost",
        rule: "performed",
        what: `the work of '${key}' was done ${performed} times`,
      })),
    ...started
      .filter((key) => !known.has(key))
      .map((key): Violation => ({
        is: "wrong",
        rule: "invented-job",
        what: `the history has a job '${key}' that the environment does not know`,
      })),
  ];
}

/** Key of the effect that a call belongs to: the repair of an unreadable answer is a second call of one effect. */
function requestOf(key: string): string {
  return key.replace(/\+repair$/, "");
}

/** Compares the work with the plan: work repeated under new keys would look like different effects. */
function workViolations({ keys, commits }: Ledger, { tasks }: FleetPlan): readonly Violation[] {
  const perTask = new Map<string, LedgerEntry[]>();
  for (const one of keys) perTask.set(one.task, [...(perTask.get(one.task) ?? []), one]);
  const committed = new Map<string, number>();
  for (const { key } of commits) committed.set(key, (committed.get(key) ?? 0) + 1);
  return [
    ...tasks.flatMap((task): Violation[] => {
      const jobs = (perTask.get(task.name) ?? []).filter(({ kind }) => kind === "coder").length;
      if (jobs === task.coders) return [];
      const what = `${jobs} coders worked for ${task.name} (${task.story}, ${task.pipelineId}) instead of ${task.coders}`;
      return [{ is: jobs > task.coders ? "twice" : "lost", rule: "coders", what }];
    }),
    ...keys.flatMap((one): Violation[] => {
      const wanted = one.commits && one.ended === "finished" ? 1 : 0;
      const found = committed.get(one.key) ?? 0;
      if (found === wanted) return [];
      return [{ is: found > wanted ? "twice" : "lost", rule: "commits", what: `'${one.key}' left ${found} commits instead of ${wanted}` }];
    }),
  ];
}

function mergeViolations(records: FleetRecords, { merges }: Ledger): readonly Violation[] {
  const bodies = bodiesOf(records);
  const recorded = bodies.flatMap((event) => (event.type === "merged" ? [event.record] : []));
  const asked = new Set(
    bodies.flatMap((event) => {
      if (event.type !== "effect-requested" || event.effect.request.do !== "merge") return [];
      const { pullRequest, head, base } = event.effect.request;
      return [`${pullRequest.id} ${head} ${base}`];
    }),
  );
  const byCommit = new Map(recorded.map((record) => [record.commit, record]));
  const landed = new Set(merges.map(({ commit }) => commit));
  return [
    ...repeated(merges.map(({ branch }) => branch)).map((branch): Violation => ({
      is: "twice",
      rule: "landed",
      what: `'${branch}' was merged twice`,
    })),
    ...merges.flatMap((merge): Violation[] => {
      const record = byCommit.get(merge.commit);
      const violations: Violation[] = [];
      if (record === undefined)
        violations.push({ is: "lost", rule: "merge-record", what: `the merge of '${merge.branch}' is in no history` });
      else if (record.head !== merge.head || record.base !== merge.base)
        violations.push({
          is: "wrong",
          rule: "merge-evidence",
          what: `'${merge.branch}' is recorded with another head or base than what landed`,
        });
      if (!asked.has(`${merge.pullRequest} ${merge.head} ${merge.base}`))
        violations.push({
          is: "wrong",
          rule: "merge-intent",
          what: `'${merge.branch}' was merged, and no event asks for that head and base`,
        });
      if (!merge.green)
        violations.push({
          is: "wrong",
          rule: "merge-green",
          what: `'${merge.branch}' landed with a head whose checks were not seen green`,
        });
      return violations;
    }),
    ...recorded
      .filter(({ commit }) => !landed.has(commit))
      .map(({ runId }): Violation => ({ is: "wrong", rule: "invented-merge", what: `run '${runId}' records a merge that never landed` })),
    ...blockViolations(records, landed),
  ];
}

/** A block with a pull request is done exactly if its change was merged; one without has no change to merge. */
function blockViolations({ blocks }: FleetRecords, landed: ReadonlySet<string>): readonly Violation[] {
  const violations: Violation[] = [];
  for (const block of blocks) {
    const merged = block.merged !== null && landed.has(block.merged.commit);
    const isDone = block.status === "done" && (block.pull_request !== null || block.merged !== null);
    if (merged !== isDone || (merged && block.progress !== 1))
      violations.push({
        is: "wrong",
        rule: "block-done",
        what: `block '${block.title}' is ${block.status} and ${merged ? "" : "not "}merged`,
      });
  }
  return violations;
}

/** The base branches consist of exactly the recorded merges. */
function mainlineViolations({ merges, mainlines }: Ledger): readonly Violation[] {
  const onMain = new Set(mainlines.flatMap(({ commits }) => commits));
  const landed = new Set(merges.map(({ commit }) => commit));
  return [
    ...[...landed]
      .filter((one) => !onMain.has(one))
      .map((one): Violation => ({ is: "lost", rule: "mainline", what: `merge ${one} is on no base branch` })),
    ...[...onMain]
      .filter((one) => !landed.has(one))
      .map((one): Violation => ({ is: "wrong", rule: "mainline", what: `${one} is on a base branch and was never merged` })),
  ];
}

/** I14: good work is assessed once, and once more for each change of its diff, however often the base moves. */
function assessmentViolations({ keys, commits }: Ledger, { tasks }: FleetPlan): readonly Violation[] {
  return tasks.flatMap(({ name, story }): readonly Violation[] => {
    const own = keys.filter(({ task }) => task === name);
    const diffs = commits.filter(({ key }) => own.some((entry) => entry.key === key)).length;
    const assessed = own.filter(({ kind, key }) => kind === "merger" && requestOf(key) === key).length;
    if (assessed <= Math.max(1, diffs)) return [];
    return [{ is: "twice", rule: "assessed", what: `the ${diffs} change(s) of ${name} (${story}) were assessed ${assessed} times` }];
  });
}

/** A task has one pull request over all its runs. One that a stopped run opened may be unrecorded. */
function pullRequestViolations(records: FleetRecords, { pullRequests }: Ledger): readonly Violation[] {
  const recorded = new Set(bodiesOf(records).flatMap((event) => (event.type === "pull-request-recorded" ? [event.pullRequest.id] : [])));
  return pullRequests.flatMap(({ repository, opened }): readonly Violation[] => {
    const known = [...recorded].filter((id) => id.startsWith(`${repository}#`)).length;
    if (opened >= known && opened <= TASKS_PER_REPOSITORY) return [];
    const what = `'${repository}' has ${opened} pull requests; ${known} are recorded, and it has ${TASKS_PER_REPOSITORY} tasks`;
    return [{ is: opened > TASKS_PER_REPOSITORY ? "twice" : "lost", rule: "pull-requests", what }];
  });
}

/**
 * I15: every key that spent has one usage row with its tokens, whatever came of it, and each run's total is the sum of them. The key is the
 * primary key, so a second row cannot exist.
 */
function usageViolations({ usage, totals }: FleetRecords, { keys }: Ledger): readonly Violation[] {
  const rows = new Map(usage.map((row) => [row.key, row.input_tokens]));
  const spent = new Map(keys.flatMap(({ key, tokens }) => (tokens === null ? [] : [[key, tokens] as const])));
  return [
    ...[...spent]
      .filter(([key, tokens]) => rows.get(key) !== tokens)
      .map(([key, tokens]): Violation => ({
        is: rows.has(key) ? "wrong" : "lost",
        rule: "usage",
        what: `'${key}' cost ${tokens} tokens and ${rows.get(key) ?? "none"} are recorded`,
      })),
    ...[...rows.keys()]
      .filter((key) => !spent.has(key))
      .map((key): Violation => ({ is: "wrong", rule: "usage", what: `'${key}' is paid for and never ended` })),
    ...[...new Set(keys.map(({ runId }) => runId))].flatMap((runId): readonly Violation[] => {
      const cost = keys.filter((entry) => entry.runId === runId && entry.tokens !== null).length * COST_MICROS;
      const settled = totals.find(({ scope }) => scope === `run/${runId}`)?.settled_micros ?? 0;
      return settled === cost ? [] : [{ is: "wrong", rule: "settled", what: `'${runId}' spent ${cost} and ${settled} is settled` }];
    }),
  ];
}
