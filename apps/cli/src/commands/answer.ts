import type { HumanReply, HumanWait } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { openWait } from "@millrace/orchestration";
import colours from "picocolors";
import { findRun } from "../board/find.js";
import type { RunWithView } from "@millrace/orchestration";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { readInput } from "../input.js";
import type { Io } from "../io.js";
import { proofOf } from "../person/proof-of.js";
import { reportResult } from "./report-result.js";
import { questionLines } from "../views/run-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withDriving, withPerson, type Cli, type CommonOptions } from "./command.js";

interface AnswerOptions extends CommonOptions {
  readonly digest?: string;
  readonly run?: boolean;
}

/** The answer of a command, given the open wait. */
interface AnswerSpec {
  /** An acceptance is bound to the subject that the user saw: it is shown here, or named by its digest. */
  readonly accepts: boolean;
  /** Result of the command in words. */
  readonly message: string;
  reply(wait: HumanWait): HumanReply | Promise<HumanReply>;
}

const DIGEST_CHARS = 8;
/** The terminal of a question may be another one than that of the output. */
const PLAIN = colours.createColors(false);

export function registerAnswers(cli: Cli): void {
  const answers = (usage: string, description: string) =>
    withDriving(withPerson(addCommand(cli.program, usage, description))).option(
      "--digest <digest>",
      "start of the digest that `show` prints, at least 8 characters",
    );
  const act = (run: string, options: AnswerOptions, spec: AnswerSpec | ((app: Cradle) => AnswerSpec)): Promise<void> =>
    cli.execute(options, (app) => answer(app, run, options, typeof spec === "function" ? spec(app) : spec));

  answers("approve <run>", "approve what a run shows")
    .option("--edit <file>", "approve this text instead of the proposal; `-` reads standard input")
    .action((run: string, options: AnswerOptions & { readonly edit?: string }) =>
      act(run, options, ({ io }) => ({ accepts: true, message: "approved", reply: () => approval(io, options.edit) })),
    );
  answers("reject <run>", "reject what a run shows; the run fails and can be retried")
    .option("--reason <text>", "why", "")
    .action((run: string, options: AnswerOptions & { readonly reason: string }) =>
      act(run, options, { accepts: false, message: "rejected", reply: () => ({ answer: "reject", reason: options.reason }) }),
    );
  answers("changes <run>", "send the work back with feedback")
    .requiredOption("--feedback <text>", "what must change")
    .action((run: string, options: AnswerOptions & { readonly feedback: string }) =>
      act(run, options, { accepts: false, message: "sent back", reply: () => ({ answer: "request-changes", feedback: options.feedback }) }),
    );
  answers("decide <run> <option>", "answer an agent's question: an option, its number, or a text when none is offered").action(
    (run: string, option: string, options: AnswerOptions) =>
      act(run, options, {
        accepts: false,
        message: "decided",
        reply: ({ options: offered }) => ({ answer: "choose", option: optionOf(option, offered) }),
      }),
  );
  answers("round <run>", "grant a companion or a review that used up its rounds one more").action((run: string, options: AnswerOptions) =>
    act(run, options, { accepts: false, message: "one more round granted", reply: () => ({ answer: "extra-round" }) }),
  );
  answers("proceed <run>", "go on although a companion or a review is not content").action((run: string, options: AnswerOptions) =>
    act(run, options, { accepts: true, message: "going on as it is", reply: () => ({ answer: "proceed" }) }),
  );
}

async function approval(io: Io, edit: string | undefined): Promise<HumanReply> {
  return edit === undefined ? { answer: "approve" } : { answer: "approve", edited: await readInput(io, edit) };
}

/** The option of that text, or of that number as `show` prints it; else the text itself. */
export function optionOf(text: string, options: readonly string[]): string {
  if (options.includes(text)) return text;
  return (/^\d+$/.test(text) ? options[Number(text) - 1] : undefined) ?? text;
}

async function answer(app: Cradle, text: string, options: AnswerOptions, spec: AnswerSpec): Promise<ExitCode> {
  const { runtime, actor } = app;
  const board = await boardOf(app);
  const address = { workspaceId: board.workspaceId, runId: await findRun(board, text) };
  const local = await runtime.open();
  const read = await local.runs.view(address);
  const wait = requireWait(read);
  if (options.digest !== undefined) checkDigest(options.digest, wait);
  const reply = await spec.reply(wait);
  const proof = await proofOf(app, {
    what: `${reply.answer} in ${address.runId} of '${read.view.task.title}' (${read.view.task.id}), digest ${wait.subject.slice(0, DIGEST_CHARS)}`,
    shown: read.view.wait === null ? [] : questionLines(read.view.wait, PLAIN),
    mustSee: spec.accepts && options.digest === undefined,
  });
  if (proof === null) return EXIT.forbidden;
  const run = await local.execution.answer({ ...address, wait: wait.id, subject: wait.subject, actor, ...proof, reply });
  return reportResult(app, run, { message: spec.message, drive: options.run === true, seen: read.run.revision });
}

function requireWait({ run, view }: RunWithView): HumanWait {
  const wait = openWait(run);
  if (wait !== null) return wait;
  throw new MillraceError("wait_closed", `run '${run.id}' has no open wait: it is ${view.status}`, {
    fix: `see it with: millrace show ${run.id}`,
  });
}

/**
 * Checks that the typed start of a digest belongs to the wait.
 *
 * @throws MillraceError `validation` when it is too short, `digest_mismatch` when it belongs to another subject.
 */
export function checkDigest(typed: string, wait: Pick<HumanWait, "subject">): void {
  const start = typed.trim().toLowerCase();
  if (start.length < DIGEST_CHARS)
    throw new MillraceError("validation", `'${typed}' is too short to say what you saw`, {
      fix: `give at least ${DIGEST_CHARS} characters of the digest that 'millrace show' prints`,
    });
  if (wait.subject.toLowerCase().startsWith(start)) return;
  throw new MillraceError("digest_mismatch", "what you saw is not what is waiting for an answer", {
    fix: "look at it again with 'millrace show', then answer with the digest it prints",
    details: { waiting: wait.subject },
  });
}
