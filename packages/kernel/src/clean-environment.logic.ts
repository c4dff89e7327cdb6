/**
 * The variables a clean environment takes over from its host beside PATH: where this machine keeps the certificates
 * it trusts. Paths, never secrets; without them a child behind a company's certificate authority reaches no registry.
 * Proxies are left out on purpose: their addresses may carry a password.
 */
const TRUST = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"] as const;

/** The part of a host's environment that tells a child whom to trust. */
export function trustOf(host: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(TRUST.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]]])));
}
