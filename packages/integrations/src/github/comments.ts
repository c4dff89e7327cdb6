import { digestText } from "@millrace/kernel";
import { z } from "zod";
import type { Place } from "./repository.js";
import { expectOk } from "./repository.js";
import { commentSchema } from "./shapes.schema.js";

const commentsSchema = z.array(commentSchema);
/** What GitHub takes. */
const MAX_CHARS = 65_000;

export interface Comment {
  /** The same key is the same comment, however often it is asked for. */
  readonly key: string;
  readonly body: string;
}

/** Writes a comment once: a hidden mark in it, made from the key, says that it is there. Returns its address. */
export async function comment(place: Place, number: number, { key, body }: Comment): Promise<string> {
  const { client, owner, repo } = place;
  const at = { owner, repo, issue_number: number };
  const mark = `<!-- millrace:${(await digestText(key)).slice(0, 32)} -->`;
  const list = () => client.pages("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", at, commentsSchema);
  const what = `read the comments of pull request ${String(number)}`;
  const known = expectOk(place, await list(), what).find((one) => one.body.includes(mark));
  if (known !== undefined) return known.html_url;
  const text = `${body.slice(0, MAX_CHARS - mark.length - 2)}\n\n${mark}`;
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  return expectOk(place, await client.send(route, { ...at, body: text }, commentSchema), `comment on pull request ${String(number)}`)
    .html_url;
}
