import { emailSchema } from "@millrace/contracts";
import type { ProviderProfile } from "@millrace/kernel";

/** The address that a provider says it has verified, as it is stored; null: there is none. */
export function provenEmail({ email, isEmailVerified }: Pick<ProviderProfile, "email" | "isEmailVerified">): string | null {
  const address = emailSchema.safeParse(email);
  return isEmailVerified && address.success ? address.data : null;
}
