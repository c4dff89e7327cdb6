import type { FindingAnswer, ReviewWithItems } from "@millrace/contracts";
import { isMillraceError, notFound } from "@millrace/kernel";
import { findRun, findTask, type Board } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { proofOf } from "../person/proof-of.js";
import { itemLines, reviewLines } from "../views/review-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { reportResult } from "./report-result.js";
import { addCommand, boardOf, withDriving, withPerson, type Cli, type CommonOptions } from "./command.js";

interface ReplyOptions extends CommonOptions {
  readonly text: string;
}

interface IncorporateOptions extends CommonOptions {
  readonly feedback: string;
  readonly run?: boolean;
}

/** Registers the commands for findings of requirements and clarity reviews: list, answer one by one, fold the answers in. */
export function registerReview({ program, execute }: Cli): void {
  const review = addCommand(program, "review <run>", "list the findings of a run's or a task's last review; answer them one by one")
    // `--json` behind `review reply` belongs to that command.
    .enablePositionalOptions()
    .action((target: string, options: CommonOptions) => execute(options, (app) => showReview(app, target)));
  withPerson(addCommand(review, "reply <run> <finding>", "answer a finding, by the id that `review` prints"))
    .requiredOption("--text <text>", "what the document should say")
    .action((run: string, finding: string, options: ReplyOptions) =>
      execute(options, (app) => answerFinding(app, run, finding, { do: "reply", text: options.text })),
    );
  for (const [does, description] of Object.entries(ANSWERS))
    withPerson(addCommand(review, `${does} <run> <finding>`, description)).action((run: string, finding: string, options: CommonOptions) =>
      execute(options, (app) => answerFinding(app, run, finding, { do: does as keyof typeof ANSWERS })),
    );
  withDriving(withPerson(addCommand(program, "incorporate <run>", "have the answers to a review folded into its document")))
    .option("--feedback <text>", "a direction the document must follow", "")
    .action((run: string, options: IncorporateOptions) => execute(options, (app) => incorporate(app, run, options)));
}

const ANSWERS = {
  resolve: "mark a finding as dealt with; a reply stays",
  dismiss: "leave a finding out on purpose",
  reopen: "open a finding again",
} as const;

async function showReview(app: Cradle, text: string): Promise<ExitCode> {
  const { output } = app;
  const { found, run } = await lookUp(app, await boardOf(app), text);
  output.document({ review: found.review, items: found.items });
  output.lines(reviewLines(found, run, output.colours));
  return EXIT.fine;
}

/**
 * The review of a run, or the last review of a task.
 *
 * @throws MillraceError `not_found`.
 */
async function lookUp({ runtime }: Cradle, board: Board, text: string): Promise<{ readonly found: ReviewWithItems; readonly run: string }> {
  const { workspaceId } = board;
  const { reviews } = await runtime.open();
  const runId = await findRun(board, text).catch((error: unknown) => {
    if (isMillraceError(error, "not_found")) return null;
    throw error;
  });
  if (runId !== null) {
    const found = await reviews.ofRun({ workspaceId, runId });
    if (found === null) throw notFound("review of run", runId, "its pipeline has no review step, or none was reached yet");
    return { found, run: runId };
  }
  const task = await findTask(board, text);
  const found = await reviews.latest({ workspaceId, blockId: task.id });
  if (found === null) throw notFound("review of task", task.id, `review it with: millrace run ${task.id} --pipeline pl_requirements`);
  return { found, run: task.runId ?? found.review.runId };
}

async function answerFinding(app: Cradle, text: string, itemId: string, answer: FindingAnswer): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const board = await boardOf(app);
  const { found } = await lookUp(app, board, text);
  const { reviews } = await runtime.open();
  const proof = await proofOf(app, { what: `${answer.do} finding ${itemId} of ${found.review.runId}` });
  if (proof === null) return EXIT.forbidden;
  const item = await reviews.answer({
    workspaceId: board.workspaceId,
    reviewId: found.review.id,
    itemId: itemId.toLowerCase(),
    actor,
    ...proof,
    answer,
  });
  output.document({ item });
  output.lines(itemLines(item, output.colours));
  return EXIT.fine;
}

async function incorporate(app: Cradle, text: string, options: IncorporateOptions): Promise<ExitCode> {
  const { runtime, actor } = app;
  const board = await boardOf(app);
  const address = { workspaceId: board.workspaceId, runId: await findRun(board, text) };
  const { execution, reviews } = await runtime.open();
  const { revision } = await execution.get(address);
  const proof = await proofOf(app, { what: `fold the answers of ${address.runId} into its document` });
  if (proof === null) return EXIT.forbidden;
  const run = await reviews.incorporate({ ...address, actor, ...proof, feedback: options.feedback });
  return reportResult(app, run, { message: "the answers are folded in", drive: options.run === true, seen: revision });
}
