import { notificationsOf } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { inboxLines, inboxOf } from "../views/inbox-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, type Cli, type CommonOptions } from "./command.js";

/** Registers `inbox`: the open notifications. */
export function registerInbox({ program, execute }: Cli): void {
  addCommand(program, "inbox", "list what waits for you, most urgent first").action((options: CommonOptions) => execute(options, inbox));
}

async function inbox(app: Cradle): Promise<ExitCode> {
  const { output, clock } = app;
  const entries = inboxOf(await notificationsOf(await boardOf(app)), clock.now());
  output.document({ inbox: entries });
  output.lines(entries.length === 0 ? ["nothing waits for you"] : inboxLines(entries, clock.now(), output.colours));
  return EXIT.fine;
}
