/**
 * The supervisor: one detached process per job, so that a job outlives the host that started it.
 *
 * Owns: the process of the agent, its protocol connection, its limits and its end. Does not own: git, forges, the engine. The host only
 * reads the files of the supervisor and sends it SIGTERM.
 * 1. It acts only after its claim of the job is on disk; of two supervisors of one job the second one exits at once.
 * 2. `exit.json` is written last: once it exists, no process of the agent runs.
 * 3. Secrets arrive over stdin and stay in memory.
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import { supervisorInputSchema } from "../jobs/job-files.schema.js";
import { jobFolder } from "../jobs/job-folder.js";
import { bootId, processRow } from "../processes/process-table.js";
import { redactor } from "./redact.logic.js";
import { runAgent } from "./run-agent.js";
import { openTranscript } from "./transcript.js";

const path = z.string().min(1).parse(process.argv[2]);
const { secrets, held, door } = supervisorInputSchema.parse(JSON.parse(await text(process.stdin)));
const folder = jobFolder(path);
const job = await folder.job.read();
const self = await processRow(process.pid);
if (job === null || self === null) throw new Error(`there is no job in '${path}'`);

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => stop.abort());

// An unhandled rejection must not lose the job: the limits still end it.
process.on("unhandledRejection", (reason) => console.error(reason));

const claimed =
  (await folder.exit.read()) === null &&
  (await folder.supervisor.create({ pid: self.pid, startedAt: self.startedAt, bootId: await bootId() }));
// The host waits for this line. A host that has ended meanwhile breaks the pipe, which is no error here.
process.stdout.on("error", () => {});
process.stdout.write(claimed ? "started\n" : "taken\n");

if (claimed) {
  const redact = redactor(door === null ? secrets : { ...secrets, door: door.token }, held);
  using transcript = openTranscript(folder.transcript, redact);
  transcript.add("note", `job ${job.key}: ${job.launch.name}`);
  const exit = await runAgent({ folder, job, secrets, door, redact, transcript, stop: stop.signal });
  transcript.add("note", `turn ${exit.turn}${exit.failure === null ? "" : `: ${exit.failure.message}`}`);
  await folder.exit.create(exit);
}
// Open pipes of an agent would keep this process alive; its results are on disk.
process.exit(0);
