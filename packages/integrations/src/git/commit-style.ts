/** How the commits look that Millrace makes for a person. */
export interface CommitStyle {
  /** Author of the work; the committer stays Millrace. Null: Millrace is the author too. */
  readonly author: { readonly name: string; readonly email: string } | null;
  /** Adds `Signed-off-by` with the author to the message; without an author it adds nothing. */
  readonly signOff: boolean;
}

/** Variables that make git name the author. */
export function authorEnvironment(style: CommitStyle | undefined): Readonly<Record<string, string>> {
  const author = style?.author ?? null;
  return author === null ? {} : { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email };
}

/** The trailer lines of a message, each with its line break. */
export function trailersOf(style: CommitStyle | undefined): string {
  const author = style?.signOff === true ? style.author : null;
  return author === null ? "" : `Signed-off-by: ${author.name} <${author.email}>\n`;
}
