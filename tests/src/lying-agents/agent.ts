/**
 * An agent that lies, breaks or hangs: `node agent.ts <mode>`. It implements the Agent Client Protocol by hand, without a library, so
 * that it can also violate it. Each mode is one way in which an agent's claims differ from what it did.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const mode = process.argv[2] ?? "";
const argument = process.argv[3] ?? "";
type Ending = { readonly say: string; readonly stopReason?: string };

const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const commitAll = (message: string): void => {
  git("add", "--all");
  git("commit", "--quiet", "-m", message);
};
const write = (path: string, text: string): void => {
  mkdirSync(path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".", { recursive: true });
  writeFileSync(path, text);
};
/** Puts a named pipe in the place of a file. */
const pipe = (path: string): void => {
  rmSync(path, { force: true });
  execFileSync("mkfifo", [path]);
};
const forEver = (): Promise<never> => new Promise(() => setInterval(() => {}, 1_000));

const STUBBORN =
  "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); process.on('SIGHUP', () => {}); setInterval(() => {}, 1000);";

/** Starts a child and a grandchild that ignore signals; the grandchild is in a process group of its own. */
function spawnStubbornFamily(): void {
  const grandchild = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], { detached: true, stdio: "ignore" }).unref();`;
  const child = spawn(process.execPath, ["-e", `${grandchild} ${STUBBORN} console.log("up");`], { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.once("data", () => tell("agent_message_chunk", "the family is up"));
}

const MODES: Readonly<Record<string, () => Ending | Promise<Ending>>> = {
  honest: () => {
    write("work.txt", "done\n");
    commitAll("Do the work");
    return { say: "Done." };
  },
  "honest-uncommitted": () => {
    write("work.txt", "done\n");
    return { say: "Done." };
  },
  "counts-its-starts": () => {
    appendFileSync(argument, "started\n");
    write("work.txt", "done\n");
    return { say: "Done." };
  },
  "says-done": () => ({ say: "All done! I implemented the feature and all tests pass." }),
  "leaves-uncommitted": () => {
    write("work.txt", "almost\n");
    return { say: "Committed and ready." };
  },
  "takes-someone-elses-commit": () => {
    git("merge", "--quiet", "--ff-only", "origin/someone-else");
    return { say: "Done." };
  },
  "commits-nothing": () => {
    git("commit", "--quiet", "--allow-empty", "-m", "Implement the feature");
    return { say: "Done." };
  },
  "commits-elsewhere": () => {
    git("checkout", "--quiet", "-b", "my-own-branch");
    write("work.txt", "done\n");
    commitAll("Do the work");
    return { say: "Done." };
  },
  "pushes-elsewhere": () => {
    const branch = git("symbolic-ref", "--short", "HEAD").trim();
    write("work.txt", "done\n");
    commitAll("Do the work");
    git("push", "--quiet", argument, "HEAD:refs/heads/sneaky");
    git("update-ref", `refs/heads/${branch}`, "HEAD~1");
    git("reset", "--quiet", "--hard");
    return { say: "Pushed." };
  },
  "rewrites-history": () => {
    write("work.txt", "done\n");
    git("add", "--all");
    git("commit", "--quiet", "--amend", "-m", "A better past");
    return { say: "Done." };
  },
  "invents-pull-request": () => ({ say: "Done. I opened https://example.com/acme/project/pull/42 for review." }),
  "invents-commit": () => ({ say: "Done in commit 0123456789abcdef0123456789abcdef01234567." }),
  "writes-when-read-only": () => {
    write("notes.txt", "just a note\n");
    return { say: "I only looked." };
  },
  "leaves-conflict-markers": () => {
    write("README.md", "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> main\n");
    commitAll("Resolve");
    return { say: "Resolved." };
  },
  "gives-up-the-merge": () => {
    git("merge", "--abort");
    write("work.txt", "done\n");
    commitAll("Resolve all conflicts");
    return { say: "All conflicts are resolved." };
  },
  "leaves-its-folder": () => {
    write("work.txt", "done\n");
    write("../other-service/config.txt", "mine now\n");
    commitAll("Do the work");
    return { say: "Done." };
  },
  "exits-0-mid-turn": () => {
    write("work.txt", "half\n");
    commitAll("Half of it");
    process.exit(0);
  },
  "is-killed-mid-turn": () => {
    write("work.txt", "half\n");
    process.kill(process.pid, "SIGKILL");
    return forEver();
  },
  refuses: () => ({ say: "I will not do that.", stopReason: "refusal" }),
  "runs-out-of-tokens": () => {
    write("work.txt", "half");
    return { say: "And then I", stopReason: "max_tokens" };
  },
  "runs-out-of-turns": () => ({ say: "Still working", stopReason: "max_turn_requests" }),
  "destroys-the-checkout": () => {
    rmSync(".git", { recursive: true });
    return { say: "Cleaned up." };
  },
  "someone-pushed-meanwhile": () => {
    const branch = git("symbolic-ref", "--short", "HEAD").trim();
    write("work.txt", "done\n");
    commitAll("Do the work");
    // In another clone, so that the commit is not made in the job's worktree.
    const elsewhere = `${argument}-elsewhere`;
    git("clone", "--quiet", argument, elsewhere);
    const there = (...args: string[]): string => git("-C", elsewhere, ...args);
    there("checkout", "--quiet", "-b", branch);
    there("commit", "--quiet", "--allow-empty", "-m", "Somebody else was here");
    there("push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
    return { say: "Done." };
  },
  "has-models": () => ({ say: `I am on ${onModel}.` }),
  "refuses-its-models": () => ({ say: `I am on ${onModel}.` }),
  "hangs-silently": forEver,
  "talks-for-ever": () => {
    setInterval(() => tell("agent_thought_chunk", "hmm"), 20);
    return forEver();
  },
  "spawns-a-family-and-hangs": () => {
    spawnStubbornFamily();
    process.on("SIGTERM", () => {});
    return forEver();
  },
  "leaves-a-family": async () => {
    const up = new Promise<void>((resolve) => {
      familyUp = resolve;
    });
    spawnStubbornFamily();
    await up;
    write("work.txt", "done\n");
    return { say: "Done." };
  },
  "waits-for-a-file": async () => {
    tell("agent_message_chunk", "waiting");
    while (!existsSync(argument)) await new Promise((resolve) => setTimeout(resolve, 20));
    write("work.txt", "done\n");
    return { say: "Done." };
  },
  "says-its-secret": () => ({ say: `The token is ${process.env["TOKEN"]}, quoted ${JSON.stringify(process.env["TOKEN"])}` }),
  "fails-its-turn": () => {
    throw new Error(`the model said no to ${process.env["TOKEN"]}`);
  },
  "prints-its-environment": () => ({ say: JSON.stringify(Object.keys(process.env).toSorted()) }),
  "asks-a-question": () => ({ say: '```json\n{ "millrace": "question", "question": "Which one?", "options": ["a", "b"] }\n```' }),
  "answers-in-json": () => ({ say: 'Here it is:\n```json\n{"rating": 0.5}\n```\nBye.' }),
  "asks-about-pipes": async () => {
    for (let number = 0; number < 6; number += 1) pipe(`pipe-${number}`);
    const read = Array.from({ length: 6 }, (_, number) => ({ method: "fs/read_text_file", params: { path: `pipe-${number}` } }));
    const write = { method: "fs/write_text_file", params: { path: "pipe-0", content: "x" } };
    return { say: JSON.stringify(await askAll([...read, write, { method: "fs/read_text_file", params: { path: "README.md" } }])) };
  },
  "pipes-its-head": () => {
    pipe(".git/HEAD");
    return { say: "Done." };
  },
  "pipes-its-record": () => {
    pipe("../quarantine/record.json");
    return { say: "Done." };
  },
  "pipes-the-control-files": () => {
    for (const name of ["job.json", "outcome.json", "progress.json", "exit.json", "transcript.jsonl"]) pipe(`../${name}`);
    writeFileSync(argument, `the pipes are there, says ${process.pid}`);
    return forEver();
  },
  "forges-its-control-files": () => {
    const forged = JSON.stringify({ is: "finished", answer: { text: "All checks pass." }, observed: null });
    const attempts = ["../outcome.json", "../exit.json", "../checkout.json", "../quarantine/record.json"].map((path) => {
      try {
        write(path, forged);
        return existsSync(path) ? `${path} written` : `${path} gone`;
      } catch (error) {
        return `${path} ${String(error)}`;
      }
    });
    const pushed = ["origin", argument].map((remote) => {
      try {
        git("push", "--quiet", remote, "HEAD:refs/heads/main");
        return "pushed";
      } catch {
        return "refused";
      }
    });
    write("work.txt", "done\n");
    return { say: JSON.stringify({ attempts, pushed, remotes: git("remote"), seen: readdirSync("..") }) };
  },
  "nests-deeply": () => {
    process.stdout.write(`{"jsonrpc":"2.0","method":"x","params":${"[".repeat(200_000)}${"]".repeat(200_000)}}\n`);
    return forEver();
  },
  "reads-no-answers": () => {
    process.stdin.pause();
    for (let id = 5_000; id < 10_000; id += 1)
      send({ jsonrpc: "2.0", id, method: "fs/read_text_file", params: { sessionId, path: "README.md" } });
    return forEver();
  },
  "floods-with-plans": () => {
    for (let number = 1; number <= 5_000; number += 1) {
      const entries = [{ content: `plan ${number}`, priority: "low", status: "pending" }];
      send({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update: { sessionUpdate: "plan", entries } } });
    }
    return { say: "Planned." };
  },
  drips: () => {
    tell("agent_message_chunk", "dripping");
    process.stdout.write('{"jsonrpc":"2.0","method":"session/update","params":"');
    setInterval(() => process.stdout.write("x"), 1);
    return forEver();
  },
  "never-ends-its-line": () => {
    const pour = (): void => void process.stdout.write("x".repeat(1024 * 1024), pour);
    pour();
    return forEver();
  },
  "forges-its-usage": () => {
    const amount = { "below-zero": "-5", "no-number": '"none"', "too-much": "1e400" }[argument] ?? "0";
    const update = `{"sessionUpdate":"usage_update","used":-1,"size":-1,"cost":{"amount":${amount},"currency":"USD"}}`;
    process.stdout.write(`{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"${sessionId}","update":${update}}}\n`);
    forgedUsage = { inputTokens: -1_000, outputTokens: -20, totalTokens: -1_020 };
    return { say: "forged" };
  },
  "stops-its-sandbox": () => {
    const traced = spawnSync("perl", ["-e", "print syscall(101, 16, 1, 0, 0)"], { encoding: "utf8" }).stdout;
    tell("agent_message_chunk", `traced: ${traced}`);
    process.exit(0);
  },
  "ends-in-its-own-way": () => ({ say: "Done.", stopReason: "because_i_say_so" }),
  "asks-for-permission": async () => ({ say: JSON.stringify(await askAll(JSON.parse(readFileSync(argument, "utf8")))) }),
};

let sessionId = "none";
let familyUp: () => void = () => {};
/** Modes that announce models in the older form, beside the session instead of as its options. */
const modelModes: ReadonlySet<string> = new Set(["has-models", "refuses-its-models"]);
let onModel = "fast";
let nextId = 1_000;
const waiting = new Map<number, (message: Record<string, unknown>) => void>();

function send(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function tell(kind: string, text: string): void {
  familyUp();
  send({
    jsonrpc: "2.0",
    method: "session/update",
    params: { sessionId, update: { sessionUpdate: kind, content: { type: "text", text } } },
  });
}

/** Sends each request to the client. Returns the outcome, the content, or the error code of each. */
async function askAll(requests: readonly { readonly method: string; readonly params: Record<string, unknown> }[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const { method, params } of requests) {
    const id = (nextId += 1);
    const answer = new Promise<Record<string, unknown>>((resolve) => waiting.set(id, resolve));
    send({ jsonrpc: "2.0", id, method, params: { sessionId, ...params } });
    const { result, error } = await answer;
    answers.push(error ?? result);
  }
  return answers;
}

/** What the agent says that it spent, when it is told to say so. */
const COST = { sessionUpdate: "usage_update", used: 1_200, size: 200_000, cost: { amount: 0.25, currency: "USD" } };
const USAGE = {
  totalTokens: 4_035,
  inputTokens: 1_000,
  outputTokens: 20,
  thoughtTokens: 15,
  cachedReadTokens: 2_900,
  cachedWriteTokens: 100,
};
let forgedUsage: object | null = null;
const spends = process.argv.includes("spends");

async function prompt(id: unknown): Promise<void> {
  if (spends) send({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update: COST } });
  try {
    const ending = await MODES[mode]?.();
    if (ending === undefined) throw new Error(`there is no mode '${mode}'`);
    tell("agent_message_chunk", ending.say);
    send({
      jsonrpc: "2.0",
      id,
      result: {
        stopReason: ending.stopReason ?? "end_turn",
        ...(spends ? { usage: USAGE } : forgedUsage === null ? {} : { usage: forgedUsage }),
      },
    });
  } catch (error) {
    send({ jsonrpc: "2.0", id, error: { code: -32603, message: "Internal error", data: { details: String(error) } } });
  }
}

function answer(message: Record<string, unknown>): void {
  const { id, method } = message;
  if (method === undefined) waiting.get(Number(id))?.(message);
  else if (method === "initialize")
    send({ jsonrpc: "2.0", id, result: { protocolVersion: 1, agentCapabilities: {}, agentInfo: { name: "liar", version: "6.6.6" } } });
  else if (method === "session/new" && mode === "wants-a-login")
    send({ jsonrpc: "2.0", id, error: { code: -32000, message: "Authentication required" } });
  else if (method === "session/new" && modelModes.has(mode)) {
    const models = { currentModelId: onModel, availableModels: ["fast", "openai/deep"].map((modelId) => ({ modelId, name: modelId })) };
    send({ jsonrpc: "2.0", id, result: { sessionId: (sessionId = "s1"), models } });
  } else if (method === "session/set_model" && mode === "refuses-its-models")
    send({ jsonrpc: "2.0", id, error: { code: -32602, message: "no credit left" } });
  else if (method === "session/set_model") {
    onModel = String((message["params"] as Record<string, unknown>)["modelId"]);
    send({ jsonrpc: "2.0", id, result: {} });
  } else if (method === "session/new") send({ jsonrpc: "2.0", id, result: { sessionId: (sessionId = "s1") } });
  else if (method === "session/prompt") void prompt(id);
}

if (mode === "prints-garbage") {
  setInterval(() => process.stdout.write("Welcome to the agent! {not json\n"), 5);
} else if (mode === "greets-and-works") {
  process.stdout.write("Welcome to the agent!\n");
} else if (mode === "exits-at-once") {
  process.exit(7);
}
const behave = mode === "greets-and-works" ? "honest-uncommitted" : mode;
if (behave !== mode) Object.assign(MODES, { [mode]: MODES[behave] });
if (mode !== "prints-garbage" && mode !== "never-answers") {
  createInterface({ input: process.stdin }).on("line", (line) => answer(JSON.parse(line)));
} else {
  setInterval(() => {}, 1_000);
}
