import { EXIT, type ExitCode } from "../exit-codes.js";
import { examine, ok, type Finding } from "../doctor/finding.js";
import { lookAtAgent, lookAtChecks, lookAtDisk, lookAtGit, lookAtLeases, lookAtNode, lookAtRepository } from "../doctor/looks.js";
import { findingLines } from "../views/finding-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

export function registerDoctor({ program, execute }: Cli): void {
  addCommand(program, "doctor", "look at everything Millrace needs, and say how to repair what is wrong")
    .option("--agent <agent>", "agent to look at instead of the configured one")
    .action((options: CommonOptions) => execute(options, doctor));
}

async function doctor(app: Cradle): Promise<ExitCode> {
  const { output } = app;
  const findings: Finding[] = [];
  const look = async (name: string, how: () => Finding | Promise<Finding>): Promise<boolean> => {
    const found = await examine(name, how);
    findings.push(found);
    output.lines(findingLines(found, output.colours));
    return found.status !== "fail";
  };
  await look("node", () => lookAtNode(process.versions.node));
  await look("git", lookAtGit);
  if (await look("board", () => ok("board", app.project.folder))) await lookAtBoard(app, look);
  const failed = findings.some(({ status }) => status === "fail");
  output.document({ ok: !failed, findings });
  return failed ? EXIT.environment : EXIT.fine;
}

async function lookAtBoard(app: Cradle, look: (name: string, how: () => Finding | Promise<Finding>) => Promise<boolean>): Promise<void> {
  const { project, runtime } = app;
  const opens = await look("database", async () => {
    const { databaseName } = await runtime.open();
    return ok("database", `${databaseName} opens; its schema is up to date`);
  });
  await look("repository", () => lookAtRepository(project));
  if (opens) {
    await look("checks", async () => lookAtChecks(project, await runtime.open()));
    await look("leases", async () => lookAtLeases(await runtime.open()));
  }
  await look("disk", () => lookAtDisk(project.folder));
  await look("agent", () => lookAtAgent(app.agents));
}
