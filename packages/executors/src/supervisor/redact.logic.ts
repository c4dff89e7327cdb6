import { createRedact } from "@millrace/kernel";

/** Shortest value that is redacted: shorter ones occur in any text and are no secrets. */
const MIN_SECRET_CHARS = 4;

/** Levels of nested JSON strings in which a secret is recognised. */
const ESCAPE_LEVELS = 3;

/**
 * Creates a function that replaces secret values in a text by `[redacted:NAME]`, escaped in JSON included, the secrets
 * that the host holds, and what has the shape of a token. The longest form is replaced first, so that a secret that contains another one leaves no rest.
 */
export function redactor(secrets: Readonly<Record<string, string>>, held: readonly string[] = []): (text: string) => string {
  const known = Object.entries(secrets)
    .filter(([, value]) => value.length >= MIN_SECRET_CHARS)
    .flatMap(([name, value]) => formsOf(value).map((form) => ({ form, mark: `[redacted:${name}]` })))
    .toSorted((a, b) => b.form.length - a.form.length);
  const ofHost = createRedact(held);
  return (text) => ofHost(known.reduce((redacted, { form, mark }) => redacted.replaceAll(form, mark), text));
}

function formsOf(value: string): readonly string[] {
  const forms = [value];
  for (let level = 0; level < ESCAPE_LEVELS; level += 1) forms.push(JSON.stringify(forms.at(-1)).slice(1, -1));
  return [...new Set(forms)];
}
