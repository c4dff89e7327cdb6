/** Promise P11: 200 open pull requests stay far below GitHub's limits, and no change is missed for it. */
import { heldEffect, openWait } from "@millrace/orchestration";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet, type Fleet, type ParkedRun } from "./fleet.fixture.js";
import { createGitHubHarness, type GitHubHarness } from "./harness.fixture.js";

const MANY = 200;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HALF_AN_HOUR = 30 * MINUTE;
/** Half of GitHub's hourly limit, of REST requests and of GraphQL points. */
const LIMIT = 2500;
/** Long: 200 pull requests with their runs, on a machine that may be busy. */
const TIMEOUT_MS = 300_000;

let harness: GitHubHarness;
let fleet: Fleet;

beforeAll(async () => {
  harness = await createGitHubHarness({ settings: { rulesMaxAgeMs: MINUTE } });
  fleet = await createFleet(harness, MANY);
}, TIMEOUT_MS);
afterAll(() => harness[Symbol.asyncDispose]());

/** State of a run: its open merge wait with the head and the base it names, or the status it is in. */
async function standing({ runId }: ParkedRun): Promise<string> {
  const run = await fleet.host.run(runId);
  const wait = openWait(run);
  if (wait === null) return `${run.phase.is} at ${run.steps[run.cursor]?.definition.kind ?? "?"}`;
  return `${wait.on} ${/\((\w+ into \S+ at \w+)\)/.exec(wait.question)?.[1] ?? wait.question}`;
}

function short(sha: string): string {
  return sha.slice(0, 10);
}

/** Cost against a limit since the exchange with number `since`. */
function counted(since: number, resource: "core" | "graphql"): number {
  return harness.hub.exchanges.slice(since).filter((one) => one.resource === resource && one.counted).length;
}

/** `count` runs, from number `from`, that no test has changed yet. */
function untouched(from: number, count: number): readonly ParkedRun[] {
  return fleet.parked.slice(from, from + count);
}

describe("two hundred open pull requests", () => {
  it("stay far inside GitHub's limits for half an hour, and every change is seen", { timeout: TIMEOUT_MS }, async () => {
    const { clock, hub, project } = harness;
    const [begun, before] = [clock.now(), hub.exchanges.length];
    const [green, red, [pushed]] = [untouched(0, 10), untouched(10, 5), untouched(15, 1)];
    if (pushed === undefined) throw new RangeError("too few");
    await fleet.driveTo(begun + 10 * MINUTE);
    const quiet = hub.exchanges.length - before;
    for (const { head } of green) project.check(head, "unit", "success");
    for (const { head } of red) project.check(head, "unit", "failure", { summary: "1 of 2 failed" });
    const head = await project.commit(pushed.pull.branch, {});
    project.check(head, "unit", "success");
    // One poll interval, the maximum age of a cached answer, and the poll of the assessment's job.
    await fleet.driveTo(clock.now() + 30 * SECOND + 6 * SECOND + 16 * SECOND);
    const base = (await project.tip("main")) ?? "";
    for (const one of green) expect(await standing(one)).toBe(`merge ${short(one.head)} into main at ${short(base)}`);
    for (const one of red) expect(await standing(one)).toBe("failed at ci");
    expect(await standing(pushed)).toBe(`merge ${short(head)} into main at ${short(base)}`);
    await fleet.driveTo(begun + HALF_AN_HOUR);
    for (const one of fleet.parked.slice(16)) expect(await standing(one)).toBe("live at ci");
    expect(counted(before, "core")).toBeLessThan(LIMIT / 10);
    expect(counted(before, "graphql")).toBeLessThan(LIMIT / 4);
    // Every request, counted or not: GitHub allows at most 900 reads per minute.
    expect(quiet / 10).toBeLessThan(900 / 2);
  });

  it("are parked by a used-up limit, ask nothing, and come back one after the other", { timeout: TIMEOUT_MS }, async () => {
    const { clock, hub } = harness;
    const waiting = fleet.parked.slice(16);
    hub.leave(0, 20 * MINUTE);
    hub.leave(0, 20 * MINUTE, "graphql");
    const resetAt = clock.now() + 20 * MINUTE;
    await fleet.driveTo(clock.now() + 35 * SECOND);
    const asked = hub.exchanges.length;
    const wakes: number[] = [];
    for (const { runId } of waiting) {
      const hold = heldEffect(await fleet.host.run(runId))?.hold;
      expect(hold).toMatchObject({ because: "limit" });
      wakes.push(hold?.until ?? 0);
    }
    expect(Math.min(...wakes)).toBeGreaterThanOrEqual(resetAt);
    expect(Math.max(...wakes)).toBeLessThan(resetAt + 2 * MINUTE);
    const perSecond = Map.groupBy(wakes, (at) => Math.floor(at / SECOND));
    expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBeLessThanOrEqual(5);
    await fleet.driveTo(resetAt - SECOND);
    expect(hub.exchanges).toHaveLength(asked);
    for (const { head } of waiting) harness.project.check(head, "unit", "success");
    await fleet.driveTo(resetAt + 2 * MINUTE);
    for (const one of waiting) expect(await standing(one)).toMatch(new RegExp(`^merge ${short(one.head)} into main`));
  });
});
