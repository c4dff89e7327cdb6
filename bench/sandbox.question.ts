import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxProfile } from "@millrace/kernel";
import { DEFAULT_SANDBOX_LIMITS, openSandbox, sandboxNameSchema, type SandboxName } from "@millrace/executors";
import { alternate, median, number, ratio, temporaryFolder, type Question } from "./measure.ts";

const ENV = { PATH: "/usr/bin:/bin" };

/** What a sandbox adds to the start of a program that ends at once. Where bubblewrap does not work, `none` is measured alone. */
export const sandboxStart: Question = async ({ folder: parent, steps, rounds }) => {
  await using resources = new AsyncDisposableStack();
  const work = join(await temporaryFolder(resources, parent), "work");
  await mkdir(work);
  const profile: SandboxProfile = { work: { path: work, access: "write" }, visible: [], doors: [], limits: DEFAULT_SANDBOX_LIMITS };
  const examined = await Promise.all(sandboxNameSchema.options.map(async (name) => ({ name, ...(await openSandbox(name).examine()) })));
  const variants = examined.filter(({ works }) => works).map(({ name }) => name);
  const starts = Math.max(5, Math.round(steps / 20)) * rounds;
  const samples = new Map<SandboxName, number[]>(variants.map((name) => [name, []]));
  const start = async (name: SandboxName): Promise<number> => {
    const identity = randomUUID();
    const begun = performance.now();
    const { stdin, exited } = await openSandbox(name).start({ argv: ["/bin/true"], cwd: work, env: ENV, profile, identity });
    await stdin.close().catch(() => undefined);
    const { code } = await exited;
    const ms = performance.now() - begun;
    if (code !== 0) throw new Error(`the program ended with ${code} in ${name}`);
    await openSandbox(name).end(identity, 0);
    return ms;
  };
  for (const name of variants) await start(name);
  await alternate(starts, variants, async (name) => void samples.get(name)?.push(await start(name)));
  const of = (name: SandboxName): number => median(samples.get(name) ?? []);
  return {
    title: "What a sandbox adds to the start of a program",
    conditions: `Medians of ${starts} starts of a program that ends at once, from the start to its exit, the sandboxes in turns. Ratio: time to that without a sandbox. A host of root starts two: the outer one becomes another user.`,
    head: ["sandbox", "ms/start", "ms added", "ratio"],
    rows: variants.map((name) => [name, number(of(name), 1), number(of(name) - of("none"), 1), ratio(of(name), of("none"))]),
  };
};
