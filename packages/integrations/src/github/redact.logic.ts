/** Formats of GitHub's secrets: tokens of people, Apps and installations, private keys of Apps, JSON Web Tokens. */
const SECRETS: readonly RegExp[] = [
  /\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]{4,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g,
  /\bv1\.[0-9a-f]{40}\b/g,
];

/** Replaces with `***` everything that looks like a GitHub credential, and each of `secrets`. */
export function redactSecrets(text: string, secrets: readonly string[] = []): string {
  const redacted = SECRETS.reduce((rest, format) => rest.replace(format, "***"), text);
  return secrets.filter((secret) => secret.length > 0).reduce((rest, secret) => rest.replaceAll(secret, "***"), redacted);
}
