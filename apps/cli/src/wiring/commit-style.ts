import type { AgentLaunch } from "@millrace/executors";
import type { CommitStyle } from "@millrace/integrations";
import type { Config } from "../config/config.schema.js";

/** Author and sign-off of a board's commits. */
export function commitStyle({ commit }: Pick<Config, "commit">): CommitStyle {
  const [, name = "", email = ""] = /^(.+) <(.+)>$/.exec(commit?.author ?? "") ?? [];
  return { author: name === "" ? null : { name: name.trim(), email }, signOff: commit?.signoff ?? false };
}

/** The launch with the author of the board, for the commits that an agent makes itself. */
export function withAuthor<Launch extends AgentLaunch>(launch: Launch, { author }: CommitStyle): Launch {
  if (author === null) return launch;
  return { ...launch, env: { ...launch.env, GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email } };
}
