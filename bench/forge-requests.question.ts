import { watchFleet, type FleetTraffic } from "./forge-fleet.ts";
import { median, number, ratio, type Question } from "./measure.ts";

/** A poll without conditions: pull request, branch, comparison with the base, a page of check runs, a page of statuses, protection, rules. */
const NAIVE_READS = 7;

const WAYS = [
  { name: "conditional", batched: false, webhooks: false },
  { name: "conditional + batched", batched: true, webhooks: false },
  { name: "conditional + batched, webhooks", batched: true, webhooks: true },
] as const;

/** Requests per hour that open pull requests cost. */
export const forgeRequests: Question = async ({ openPullRequests, forgeMinutes: minutes }) => {
  const rows: string[][] = [];
  const anHour = (count: number): string => Math.round((count * 60) / minutes).toLocaleString("en");
  for (const count of openPullRequests) {
    let naive: number | null = null;
    for (const { name, ...way } of WAYS) {
      await using resources = new AsyncDisposableStack();
      const watched = await watchFleet(resources, { count, minutes, ...way });
      if (naive === null) {
        naive = watched.polls * NAIVE_READS;
        rows.push([`${count}, naive`, anHour(naive), "0", anHour(naive), "0", number(naive / minutes), "–", "1.00"]);
      }
      rows.push([`${count}, ${name}`, ...cells(watched, anHour), ratio(watched.sent, naive)]);
    }
  }
  return {
    title: "Requests to the forge, by the open pull requests",
    conditions: `Runs at a CI gate on one repository, looked at every 30 s, each with a change of its checks every ten minutes; ${minutes} minutes of virtual time, as an hour. Ratio: of what is sent.`,
    head: ["open pull requests", "sent/h", "304/h", "counted/h", "GraphQL points/h", "busiest minute", "seen after s", "ratio"],
    rows,
  };
};

function cells(watched: FleetTraffic, anHour: (count: number) => string): string[] {
  const { sent, notModified, counted, points, mostInMinute, seenAfter } = watched;
  return [anHour(sent), anHour(notModified), anHour(counted), anHour(points), number(mostInMinute), number(median(seenAfter) / 1000, 1)];
}
