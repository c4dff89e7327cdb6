/** What can be added, as data: the files of one thing, and the lists that name it. */

/** A line that a list of an existing file gets. Both texts are templates. */
export interface IndexLine {
  /** The file that has the list, from the root of the repository. */
  readonly file: string;
  /** What the list is, for people: `the step kinds`. */
  readonly list: string;
  /** The line goes behind the last text that matches. */
  readonly after: RegExp;
  /** Text that is put there, its line break or comma included. */
  readonly text: string;
}

/** One kind of thing that the repository is open for. */
export interface Thing {
  /** Its name on the command line, and the folder of its templates: `step-kind`. */
  readonly what: string;
  /** What a name of it is, for people, with an example. */
  readonly named: string;
  /** Template by the file it becomes, from the root of the repository. The path is a template too. */
  readonly files: Readonly<Record<string, string>>;
  readonly lines: readonly IndexLine[];
  /** Tests that exist already and hold it as well, by their file and a part of their name, which is a template. */
  readonly suites: readonly { readonly file: string; readonly title: string }[];
  /** The page that says how to do it by hand. */
  readonly page: string;
  /** A name beside the rules of every name; null: it is fine. Default: any. */
  readonly misnamed?: (name: string) => string | null;
  /** Texts that must not be in these files yet, so that nothing of the same name is replaced. Default: none. */
  readonly free?: readonly { readonly file: string; readonly text: string }[];
}

/** Refusal of an addition: nothing was written. */
export class ScaffoldError extends Error {
  override readonly name = "ScaffoldError";
  /** `what_unknown`, `name_invalid`, `exists`, or `index_changed`. Stable. */
  readonly code: "what_unknown" | "name_invalid" | "exists" | "index_changed";
  readonly fix: string;

  constructor(code: ScaffoldError["code"], message: string, fix: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}
