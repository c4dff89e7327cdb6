/** Shorter values would blank out half of any text, and are no secrets. */
const SHORTEST = 4;

/**
 * Replaces the values of secrets in a text by `[redacted:NAME]`, also in the form they have inside JSON strings. The
 * longest value goes first, so that a secret that contains another one leaves no tail.
 */
export function redactor(secrets: Readonly<Record<string, string>>): (text: string) => string {
  const known = Object.entries(secrets)
    .filter(([, value]) => value.length >= SHORTEST)
    .flatMap(([name, value]) =>
      [...new Set([value, JSON.stringify(value).slice(1, -1)])].map((form) => ({ form, mark: `[redacted:${name}]` })),
    )
    .toSorted((a, b) => b.form.length - a.form.length);
  return (text) => known.reduce((so, { form, mark }) => so.replaceAll(form, mark), text);
}
