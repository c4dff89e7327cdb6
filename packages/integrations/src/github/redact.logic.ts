/** Everything GitHub issues as a secret has one of these shapes: tokens of people, Apps and installations, App keys, signed assertions. */
const SECRETS: readonly RegExp[] = [
  /\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]{4,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g,
  /\bv1\.[0-9a-f]{40}\b/g,
];

/** Takes everything that looks like a GitHub credential, and every secret named, out of a text. */
export function redactSecrets(text: string, secrets: readonly string[] = []): string {
  const shaped = SECRETS.reduce((rest, shape) => rest.replace(shape, "***"), text);
  return secrets.filter((secret) => secret.length > 0).reduce((rest, secret) => rest.replaceAll(secret, "***"), shaped);
}
