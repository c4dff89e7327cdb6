import { digestText } from "@millrace/kernel";
import { z } from "zod";
import type { OpenRepository } from "./repository.js";
import { expectOk } from "./repository.js";
import { commentSchema } from "./shapes.schema.js";

const commentsSchema = z.array(commentSchema);
/** GitHub accepts 65,536 characters. */
const MAX_CHARS = 65_000;

/** A comment on a pull request. */
export interface Comment {
  /** Idempotency key: a comment with a key that is already there is not written again. */
  readonly key: string;
  /** Markdown. Cut at 65,000 characters. */
  readonly body: string;
}

/** Writes a comment unless a hidden marker, made from its key, shows that it is there. Returns its address. */
export async function comment(repository: OpenRepository, number: number, { key, body }: Comment): Promise<string> {
  const { client, owner, repo } = repository;
  const target = { owner, repo, issue_number: number };
  const marker = `<!-- millrace:${(await digestText(key)).slice(0, 32)} -->`;
  const list = () => client.pages("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", target, commentsSchema);
  const what = `read the comments of pull request ${String(number)}`;
  const known = expectOk(repository, await list(), what).find((one) => one.body.includes(marker));
  if (known !== undefined) return known.html_url;
  const text = `${body.slice(0, MAX_CHARS - marker.length - 2)}\n\n${marker}`;
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  return expectOk(
    repository,
    await client.send(route, { ...target, body: text }, commentSchema),
    `comment on pull request ${String(number)}`,
  ).html_url;
}
