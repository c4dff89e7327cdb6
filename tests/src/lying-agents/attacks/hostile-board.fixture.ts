/** A board with a real host, database, repository and sandbox, whose agents attack; and what they must not reach. */
import { createServer, type Server } from "node:net";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPolicySchema, type Run } from "@millrace/contracts";
import { createJobReader, type SandboxName } from "@millrace/executors";
import type { Host } from "@millrace/runtime-host";
import { openLocalRuntime } from "@millrace/runtime-local";
import { bareOf, boardSettings, git, makeSample, USER } from "../../runtime/local-board.fixture.js";
import { eventsOf } from "../../runtime/runtime-cases.fixture.js";
import { attackingCheck } from "./check.fixture.js";

const ATTACKS = fileURLToPath(new URL("./agent.ts", import.meta.url));
const CANARY = "what nobody touches\n";
const VARIABLE = "MILLRACE_TEST_CANARY";

/** What came of the attacks of one run. */
export interface Attacked {
  readonly run: Run;
  /** By name of the attack, as the agent of the first step tells. */
  readonly came: Readonly<Record<string, unknown>>;
  /** By name of the attack, as the reviewer tells. */
  readonly ofReviewer: Readonly<Record<string, unknown>>;
  /** Text of a file of the base; null: there is none. */
  landed(path: string): Promise<string | null>;
}

export interface HostileBoard extends AsyncDisposable {
  readonly host: Host;
  readonly folder: string;
  readonly state: string;
  readonly bare: string;
  /** In the environment of the host, and known to it as a secret. */
  readonly secret: string;
  /** Connections that the sockets of the host have seen. */
  readonly connections: () => number;
  attack(names: string, pipelineId?: string): Promise<Attacked>;
  /** Output of the checks of a run's change, by name of the attack. */
  checked(run: Run): Promise<Readonly<Record<string, string>>>;
  /** Files of the host: its database and what lies beside the work of its jobs. */
  files(): Promise<readonly { readonly path: string; readonly bytes: number; readonly text: string }[]>;
  /** What attacks would have changed; empty when all is as it was. */
  touched(): Promise<readonly string[]>;
}

/** Opens one. `sandbox`: where agents and checks run. */
export async function openHostileBoard(sandbox: SandboxName): Promise<HostileBoard> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-hostile-"));
  const outside = join(folder, "outside");
  await mkdir(outside);
  // What its own modes do not close is open to every user of the machine.
  await chmod(folder, 0o755);
  const [canary, daemon, secret] = [join(outside, "secret"), join(outside, "docker.sock"), `canary-${process.pid}-of-the-host`];
  await writeFile(canary, CANARY);
  process.env[VARIABLE] = secret;
  await makeSample(
    folder,
    { turns: [{ kind: "none", plan: [], actions: [], say: "" }] },
    { "readme.md": "sample\n", "check.sh": "exit 0\n" },
  );
  const settings = boardSettings(folder);
  const bare = bareOf(folder);
  let seen = 0;
  const abstract = `millrace-canary-${process.pid}`;
  const listening = await Promise.all(
    [{ port: 0, host: "127.0.0.1" }, { path: `\0${abstract}` }, { path: daemon }].map((at) => listen(at, () => (seen += 1))),
  );
  const address = listening[0]?.address();
  const targets = {
    canary,
    daemon,
    bare,
    abstract,
    state: settings.folder,
    hostPid: process.pid,
    terces: secret.split("").toReversed().join(""),
    port: typeof address === "object" && address !== null ? address.port : 0,
    leftover: `left-${process.pid}`,
  };
  const facts = join(folder, "facts.json");
  await writeFile(facts, JSON.stringify({ ...targets, check: attackingCheck(targets) }), { mode: 0o644 });
  const host = await openLocalRuntime({
    ...settings,
    sandbox,
    secrets: [secret],
    launchFor: (kind) => ({
      via: "command",
      prompt: "stdin",
      name: "attacker",
      argv: [process.execPath, "--disable-warning=ExperimentalWarning", ATTACKS, facts, kind],
      installHint: "it is a file of this package",
    }),
    repositories: async (id) =>
      id === "sample"
        ? { path: bare, url: "local-git:sample", checks: [{ name: "test", argv: ["sh", "check.sh"], timeoutMs: 60_000 }] }
        : null,
  });
  const { id: workspaceId } = await host.workspaces.create({ name: "hostile", actor: USER });
  const service = await host.board.addService({
    workspaceId,
    title: "sample",
    repository: { forge: "local-git", id: "sample", base: "main" },
    checks: checkPolicySchema.parse({}),
    actor: USER,
  });
  await host.startDriver();
  const textOf = async (run: Run, kind: string): Promise<Readonly<Record<string, unknown>>> => {
    const ref = run.steps.find(({ definition }) => definition.kind === kind)?.output;
    const text = ref == null ? null : await host.store.outputs.get(run.workspaceId, ref.key);
    return readTold(text ?? (kind === "coder" ? await printedBy(host, settings.folder, run) : ""));
  };
  return {
    host,
    folder,
    bare,
    secret,
    state: settings.folder,
    connections: () => seen,
    async attack(names, pipelineId = "pl_minimal") {
      const input = { title: "Attack", description: `attack ${names}` };
      const { id: blockId } = await host.board.addTask({ workspaceId, parentId: service.id, input, actor: USER });
      const { id: runId } = await host.execution.start({ workspaceId, blockId, pipelineId, actor: USER });
      const run = await host.untilRest({ workspaceId, runId }, AbortSignal.timeout(240_000));
      return {
        run,
        came: await textOf(run, "coder"),
        ofReviewer: await textOf(run, "reviewer"),
        landed: (path) => git(bare, "show", `main:${path}`).catch(() => null),
      };
    },
    async checked({ pullRequest }) {
      const head = await git(bare, "rev-parse", pullRequest?.branch ?? "");
      const checks = await host.forge.checks({ forge: "local-git", id: "sample", base: "main" }, head);
      const parts = checks
        .map(({ summary }) => summary ?? "")
        .join("\n")
        .split(/^\[([a-z]+)\] /mu)
        .slice(1);
      return Object.fromEntries(parts.flatMap((part, at) => (at % 2 === 0 ? [[part, parts[at + 1]?.trim() ?? ""]] : [])));
    },
    async files() {
      const entries = await readdir(settings.folder, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const own = paths.filter((path) => !/\/work\/|\/quarantine\//u.test(path));
      return Promise.all(own.map(async (path) => ({ path, bytes: (await stat(path)).size, text: await readFile(path, "latin1") })));
    },
    async touched() {
      const found: string[] = [];
      if ((await readFile(canary, "utf8")) !== CANARY) found.push("the canary file");
      if ((await readdir(outside)).length !== 2) found.push("the folder outside");
      if ((await readdir(folder)).toSorted().join() !== "facts.json,outside,sample.git,script.json,source,state")
        found.push("the folder of the board");
      await git(bare, "fsck", "--full", "--strict").catch(() => found.push("the repository"));
      const merges = (await git(bare, "log", "--first-parent", "--format=%cn", "main")).split("\n");
      if (merges.some((name, index) => index < merges.length - 1 && name !== "Millrace")) found.push(`the base: ${merges.join()}`);
      if ((await processesNamed(targets.leftover)).length > 0) found.push("the processes of the machine");
      if (seen > 0) found.push("the sockets of the host");
      if (Math.abs(Date.now() - performance.timeOrigin - performance.now()) > 60_000) found.push("the clock");
      return found;
    },
    async [Symbol.asyncDispose]() {
      const live = await host.store.runs.list(workspaceId, { live: true }, { limit: 50 });
      for (const { id: runId } of live)
        await host.execution.stop({ workspaceId, runId, as: "cancelled", reason: "the test is over", actor: USER });
      await host.close();
      for (const server of listening) server.close();
      delete process.env[VARIABLE];
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listen(
  at: { readonly path: string } | { readonly port: number; readonly host: string },
  onConnection: () => void,
): Promise<Server> {
  const server = createServer((socket) => {
    onConnection();
    socket.destroy();
  });
  return new Promise((resolve, reject) => server.once("error", reject).listen(at, () => resolve(server)));
}

/** What the first agent of a run printed, from its transcript. */
async function printedBy(host: Host, state: string, run: Run): Promise<string> {
  const [key] = (await eventsOf(host, run)).flatMap(({ event }) => (event.type === "job-started" ? [event.job.key] : []));
  const lines = key === undefined ? null : await createJobReader(join(state, "jobs")).transcript(key);
  return (lines ?? []).flatMap(({ direction, entry }) => (direction === "from-agent" ? [String(entry)] : [])).join("");
}

/** The last line of an answer, and what is told in its text. */
function readTold(text: string): Readonly<Record<string, unknown>> {
  const last = text.trim().split("\n").at(-1) ?? "";
  const parsed = JSON.parse(last === "" ? "{}" : last) as Readonly<Record<string, unknown>>;
  const inner = parsed["summary"];
  return typeof inner === "string" ? (JSON.parse(inner) as Readonly<Record<string, unknown>>) : parsed;
}

async function processesNamed(name: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(`/${name}\0`));
}
