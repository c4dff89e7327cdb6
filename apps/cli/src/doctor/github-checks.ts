import { examineGitHub } from "@millrace/integrations/github";
import type { Config } from "../config/config.schema.js";
import type { GitHubBoard } from "../wiring/github.js";
import { asMillraceError } from "../output/error.logic.js";
import { fail, ok, type Finding } from "./finding.js";

/** One finding for each thing a run on GitHub needs. Without a token there is one finding: that it is missing. */
export async function checkGitHub(board: GitHubBoard, ci: Config["ci"]): Promise<readonly Finding[]> {
  try {
    const options = board.options();
    const token = ok("token", `in the environment, as ${board.config.tokenEnv}`);
    const found = await examineGitHub(options, board.repository, { ci });
    return [token, ...found.map(({ about, ...rest }): Finding => ({ name: about, ...rest }))];
  } catch (error) {
    const { message, fix } = asMillraceError(error);
    return [fail("token", message, fix)];
  }
}
