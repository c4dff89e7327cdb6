/** Shorter values would blank out half of any text, and are no secrets. */
const SHORTEST = 4;

/** Quoting inside quoting: a secret in JSON, in a string of JSON, in a string of that. */
const ESCAPES = 3;

/**
 * Replaces the values of secrets in a text by `[redacted:NAME]`, also where they are part of JSON. The longest form goes
 * first, so that a secret that contains another one leaves no tail.
 */
export function redactor(secrets: Readonly<Record<string, string>>): (text: string) => string {
  const known = Object.entries(secrets)
    .filter(([, value]) => value.length >= SHORTEST)
    .flatMap(([name, value]) => formsOf(value).map((form) => ({ form, mark: `[redacted:${name}]` })))
    .toSorted((a, b) => b.form.length - a.form.length);
  return (text) => known.reduce((so, { form, mark }) => so.replaceAll(form, mark), text);
}

function formsOf(value: string): readonly string[] {
  const forms = [value];
  for (let level = 0; level < ESCAPES; level += 1) forms.push(JSON.stringify(forms.at(-1)).slice(1, -1));
  return [...new Set(forms)];
}
