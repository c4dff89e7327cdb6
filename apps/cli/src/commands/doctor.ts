import { EXIT, type ExitCode } from "../exit-codes.js";
import { examine, ok, type Finding } from "../doctor/finding.js";
import { checkGitHub } from "../doctor/github-checks.js";
import {
  checkChosenAgent,
  checkRequiredChecks,
  checkDisk,
  checkFolders,
  checkGit,
  checkLeases,
  checkNode,
  checkSandbox,
} from "../doctor/checks.js";
import { checkFindings, remoteFindings, repositoryFindings } from "../doctor/local-findings.js";
import { findingLines } from "../views/finding-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

export function registerDoctor({ program, execute }: Cli): void {
  addCommand(program, "doctor", "look at everything Millrace needs, and say how to repair what is wrong")
    .option("--agent <agent>", "agent to look at instead of the configured one")
    .option("--no-check-run", "do not try the checks on the base")
    .action((options: DoctorOptions) => execute(options, (app) => doctor(app, options)));
}

interface DoctorOptions extends CommonOptions {
  readonly checkRun: boolean;
}

async function doctor(app: Cradle, { checkRun }: DoctorOptions): Promise<ExitCode> {
  const { output } = app;
  const findings: Finding[] = [];
  const check = async (name: string, how: () => Finding | Promise<Finding>): Promise<boolean> => {
    const found = await examine(name, how);
    findings.push(found);
    output.lines(findingLines(found, output.colours));
    return found.status !== "fail";
  };
  await check("node", () => checkNode(process.versions.node));
  await check("git", checkGit);
  await check("sandbox", () => checkSandbox(app.sandbox));
  if (await check("board", () => ok("board", app.project.folder))) await checkBoard(app, check, checkRun);
  const failed = findings.some(({ status }) => status === "fail");
  output.document({ ok: !failed, findings });
  return failed ? EXIT.environment : EXIT.fine;
}

type Check = (name: string, how: () => Finding | Promise<Finding>) => Promise<boolean>;

async function checkBoard(app: Cradle, check: Check, triesChecks: boolean): Promise<void> {
  const { project, runtime } = app;
  const opens = await check("database", async () => {
    const { databaseName } = await runtime.open();
    return ok("database", `${databaseName} opens; its schema is up to date`);
  });
  if (app.github === null) {
    for (const found of [...(await repositoryFindings(project)), ...(await remoteFindings(project))]) await check(found.name, () => found);
  } else for (const found of await checkGitHub(app.github, project.config.ci)) await check(found.name, () => found);
  if (opens) {
    await check("checks", async () => checkRequiredChecks(project, await runtime.open()));
    if (app.github === null && triesChecks)
      for (const found of await checkFindings(project, app.sandbox.name(), new AbortController().signal))
        await check(found.name, () => found);
    await check("leases", async () => checkLeases(await runtime.open()));
  }
  await check("folders", () => checkFolders(project));
  await check("disk", () => checkDisk(project.folder));
  await check("agent", () => checkChosenAgent(app.agents, app.models, app.sandbox));
}
