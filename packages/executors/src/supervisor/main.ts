/**
 * The supervisor: one detached process per job, so that a job outlives the host that started it.
 *
 * Owns the agent's process, its protocol connection, its limits and its end. Knows no git, no forge, no engine. The host
 * only reads the files it writes and sends it SIGTERM.
 *
 * 1. It does nothing before its claim on the job is on disk; of two supervisors of one job the second leaves at once.
 * 2. `exit.json` is its last act: when it is there, nothing of the agent runs.
 * 3. Secrets come over stdin and stay in memory.
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import { jobFolder } from "../jobs/job-folder.js";
import { bootId, processRow } from "../processes/process-table.js";
import { redactor } from "./redact.logic.js";
import { runAgent } from "./run-agent.js";
import { openTranscript } from "./transcript.js";

const path = z.string().min(1).parse(process.argv[2]);
const { secrets } = z.strictObject({ secrets: z.record(z.string(), z.string()) }).parse(JSON.parse(await text(process.stdin)));
const folder = jobFolder(path);
const job = await folder.job.read();
const self = await processRow(process.pid);
if (job === null || self === null) throw new Error(`there is no job in '${path}'`);

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => stop.abort());

// A promise nobody waits for is no reason to lose a job: its limits still end it.
process.on("unhandledRejection", (reason) => console.error(reason));

const claimed =
  (await folder.exit.read()) === null &&
  (await folder.supervisor.create({ pid: self.pid, startedAt: self.startedAt, bootId: await bootId() }));
// The host waits for this line; it may be gone by now, which is its business.
process.stdout.on("error", () => {});
process.stdout.write(claimed ? "started\n" : "taken\n");

if (claimed) {
  const redact = redactor(secrets);
  using transcript = openTranscript(folder.transcript, redact);
  transcript.add("note", `job ${job.key}: ${job.launch.name}`);
  const exit = await runAgent({ folder, job, secrets, redact, transcript, stop: stop.signal });
  transcript.add("note", `turn ${exit.turn}${exit.failure === null ? "" : `: ${exit.failure.message}`}`);
  await folder.exit.create(exit);
}
// Pipes of a half-dead agent would keep the process alive; everything that matters is on disk.
process.exit(0);
