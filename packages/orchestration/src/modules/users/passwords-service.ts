/**
 * Passwords and proofs by mail.
 *
 * 1. An unknown address takes the same reads, one commit and one hash, as a known one: neither the answer nor its time says which it is.
 * 2. A secret of a mail is stored as its digest, and good for once. Requests with secrets are not remembered under their key: a digest of
 *    a password that is quick to compute must not be stored.
 * 3. An attempt is counted before it is looked at, in the store.
 */
import type { User } from "@millrace/contracts";
import {
  digestText as webDigest,
  emailTaken,
  isMillraceError,
  MillraceError,
  proofInvalid,
  userKeptOut,
  type MailProof,
  type PasswordHasher,
  type StoredIdentity,
} from "@millrace/kernel";
import { again } from "../../platform/again.js";
import { countAttempt, placeOfSource, releaseAttempt } from "../../platform/attempt-limits.logic.js";
import { appendHostEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import { refuseToken } from "../../platform/operations/access.js";
import type { Caller } from "../../platform/operations/caller.js";
import type { OperationContext } from "../../platform/operations/handler.js";
import { linkWith } from "../../platform/public-url.logic.js";
import { queueMail } from "../../platform/queue-mail.logic.js";
import { secretToken } from "../../platform/secret-token.js";
import { nameOfAddress, newUser, releasedTo, releaseEmail } from "./resolve-sign-in.logic.js";
import type { UsersCalls, UsersPorts } from "./users-service.js";
import { requireGoodPassword } from "./users.logic.js";

const HOUR = 60 * 60_000;

/** How long a mail proves something, in ms: 24 h, of a forgotten password 1 h. */
const LIFE = { "sign-up": 24 * HOUR, address: 24 * HOUR, "password-reset": HOUR } as const;

const PAGES = { "sign-up": "confirm-address", address: "confirm-address", "password-reset": "reset-password" } as const;

/** A sign-up with a password. */
export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly invitation?: string | undefined;
}

/** Who asks, as attempts are counted. */
type Asking = Pick<Caller, "source">;

/** Passwords, addresses and their proofs. */
export class PasswordsService {
  readonly #ports: UsersPorts;
  readonly #calls: UsersCalls;
  #decoy: Promise<string> | null = null;

  constructor(ports: UsersPorts, calls: UsersCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /**
   * Signs a person up. Where mails are sent the user exists once the mail is answered; a known address is told so in a mail of its own.
   * Without mails an invitation is needed, and the address stays unproven.
   * @throws MillraceError `sign_in_refused`, `rate_limited`, `validation`, `not_configured`.
   */
  async signUp(caller: Asking, { email, password, name, invitation }: SignUp): Promise<void> {
    const { store, clock, mailer, ids } = this.#ports;
    const hasher = this.#hasher();
    const at = clock.now();
    const named = { email, name: name ?? nameOfAddress(email) };
    requireGoodPassword(password, named);
    await store.commit([countAttempt("public", [placeOfSource(caller.source)], at)]);
    const invited = invitation === undefined ? null : await this.#calls.findInvitation(invitation, email);
    if (invited === null && !(mailer.isOn && this.#calls.admits(email))) throw refusedSignUp();
    const [holder, digest] = await Promise.all([store.users.byEmail(email), hasher.hash(password)]);
    if (mailer.isOn) {
      const isKnown = holder?.isEmailVerified === true;
      return this.#mail(email, at, isKnown ? null : { purpose: "sign-up", userId: null, ...named, password: digest, invitation: invited });
    }
    if (holder !== null) return;
    const user = newUser({ id: ids.next("usr"), ...named, isEmailVerified: false, at });
    try {
      await store.commit([...this.#insertUser(user, digest, at), ...(await this.#accept(invited, user, at))]);
    } catch (error) {
      // The address was taken at the same time: as with a known one, nothing is said.
      if (!isMillraceError(error, "already_exists")) throw error;
    }
  }

  /**
   * Sends a mail to a new address of the caller, which becomes theirs with the proof in it.
   * @throws MillraceError `not_configured`, `rate_limited`, `forbidden`.
   */
  async changeEmail({ caller, by }: OperationContext, user: User, email: string): Promise<void> {
    refuseToken(caller);
    this.#requireMail();
    if (user.email === email && user.isEmailVerified) return;
    await this.#mail(email, by.at, { purpose: "address", userId: user.id, name: null, password: null, invitation: null });
  }

  /**
   * Takes the proof of a mail: an address becomes that of its user, or the user of a sign-up is made.
   * @throws MillraceError `proof_invalid`, `already_exists`, `sign_in_refused`.
   */
  confirmEmail(secret: string): Promise<User> {
    return again(async () => {
      const proof = await this.#proof(secret, ["sign-up", "address"]);
      const holder = await this.#ports.store.users.byEmail(proof.email);
      if (holder?.isEmailVerified === true && holder.id !== proof.userId) throw emailTaken();
      return proof.userId === null ? this.#confirmSignUp(proof, holder) : this.#confirmAddress(proof, proof.userId, holder);
    });
  }

  /**
   * Sends a mail with which the password can be set anew. Says nothing of whether the address has a user.
   * @throws MillraceError `not_configured`, `rate_limited`.
   */
  async requestReset(caller: Asking, email: string): Promise<void> {
    const { store, clock } = this.#ports;
    this.#hasher();
    this.#requireMail();
    const at = clock.now();
    await store.commit([countAttempt("public", [placeOfSource(caller.source)], at)]);
    const user = await store.users.byEmail(email);
    // Whoever reads the mails of an unproven address need not be the one who signed up with it.
    const mayReset = user !== null && user.isEmailVerified && user.disabledAt === null;
    await this.#mail(
      email,
      at,
      mayReset ? { purpose: "password-reset", userId: user.id, name: null, password: null, invitation: null } : "nobody",
    );
  }

  /**
   * Sets a password with the proof of a mail. Every session of the user ends.
   * @throws MillraceError `proof_invalid`, `validation`.
   */
  async resetPassword(secret: string, next: string): Promise<void> {
    const { store, clock } = this.#ports;
    const hasher = this.#hasher();
    const proof = await this.#proof(secret, ["password-reset"]);
    const user = proof.userId === null ? null : await store.users.get(proof.userId);
    if (user === null || user.email !== proof.email || user.disabledAt !== null) throw proofInvalid();
    requireGoodPassword(next, user);
    const digest = await hasher.hash(next);
    const by: Authorship = { at: clock.now(), actor: { type: "human", id: user.id } };
    await store.commit([{ change: "take-mail-proof", proofId: proof.id }, ...this.#setPassword(user.id, digest, null, by)]);
  }

  /**
   * Sets the caller's password. Every other session of theirs ends.
   * @throws MillraceError `invalid_credentials`, `rate_limited`, `validation`, `not_configured`, `forbidden`.
   */
  async setPassword(
    { caller, by }: OperationContext,
    user: User,
    { current, next }: { readonly current?: string | undefined; readonly next: string },
  ) {
    refuseToken(caller);
    const { store } = this.#ports;
    const hasher = this.#hasher();
    requireGoodPassword(next, user);
    if ((await store.users.byIdentity("password", user.id)) !== null) await this.provePassword(user.id, current ?? "");
    const digest = await hasher.hash(next);
    await store.commit(this.#setPassword(user.id, digest, caller.session ?? null, by));
  }

  /**
   * Proves a user by the password, within the limit of attempts.
   * @throws MillraceError `invalid_credentials`, `rate_limited`, `not_configured`.
   */
  async provePassword(userId: string, password: string): Promise<void> {
    const { store, clock } = this.#ports;
    const counted = countAttempt("password", [userId], clock.now());
    await store.commit([counted]);
    const changes = await this.verify(userId, password);
    if (changes === null) throw wrongCredentials();
    await store.commit([releaseAttempt(counted), ...changes]);
  }

  /**
   * Whether the password is that of the user: null when it is not, else the changes that hash it anew where its digest is old. A user that
   * is not there, or has none, takes the same time.
   */
  async verify(userId: string, password: string): Promise<readonly HostChange[] | null> {
    const hasher = this.#hasher();
    this.#decoy ??= hasher.hash(secretToken());
    const decoy = await this.#decoy;
    const before = (await this.#ports.store.users.byIdentity("password", userId))?.identity.digest ?? null;
    const { matches, isOld } = await hasher.verify(password, before ?? decoy);
    if (before === null || !matches) return null;
    return isOld ? [{ change: "update-password", userId, before, digest: await hasher.hash(password) }] : [];
  }

  /** Removes proofs that expired before `now` (epoch ms), at most `limit`; returns how many. */
  deleteExpired(now: number, limit: number): Promise<number> {
    return this.#ports.store.mailProofs.deleteExpired(now, limit);
  }

  async #confirmSignUp(proof: MailProof, holder: User | null): Promise<User> {
    const { store, clock, ids } = this.#ports;
    const at = clock.now();
    const name = proof.name ?? nameOfAddress(proof.email);
    const user = newUser({ id: ids.next("usr"), name, email: proof.email, isEmailVerified: true, at });
    const accepted = await this.#accept(proof.invitation, user, at);
    if (accepted.length === 0 && !this.#calls.admits(proof.email)) throw refusedSignUp();
    await store.commit([
      { change: "take-mail-proof", proofId: proof.id },
      ...this.#release(holder, user.id, at),
      ...this.#insertUser(user, proof.password ?? "", at),
      ...accepted,
    ]);
    return user;
  }

  async #confirmAddress(proof: MailProof, userId: string, holder: User | null): Promise<User> {
    const { store, clock } = this.#ports;
    const user = await store.users.get(userId);
    if (user === null) throw proofInvalid();
    if (user.disabledAt !== null) throw userKeptOut();
    const at = clock.now();
    const by: Authorship = { at, actor: { type: "human", id: userId } };
    const changed = { ...user, email: proof.email, isEmailVerified: true, revision: user.revision + 1 };
    await store.commit([
      { change: "take-mail-proof", proofId: proof.id },
      ...this.#release(holder?.id === userId ? null : holder, userId, at),
      { change: "update-user", user: changed },
      // A mail to the old address must not set the password of who has left it.
      { change: "delete-mail-proofs", ofUser: userId, purpose: "password-reset" },
      { change: "delete-mail-proofs", ofUser: userId, purpose: "address" },
      appendHostEvent(by, { type: "user-email-changed", userId }),
    ]);
    return changed;
  }

  /** What ends for a user that has not proven the address that is now proven by another one. */
  #release(holder: User | null, toUserId: string, at: number): readonly HostChange[] {
    const by: Authorship = { at, actor: { type: "human", id: toUserId } };
    return [...releaseEmail(holder, at), ...releasedTo(holder, toUserId).map((event) => appendHostEvent(by, event))];
  }

  #insertUser(user: User, digest: string, at: number): readonly HostChange[] {
    const by: Authorship = { at, actor: { type: "human", id: user.id } };
    const identity = this.#passwordOf(user.id, digest, at);
    return [
      { change: "insert-user", user },
      { change: "insert-identity", identity },
      ...this.#calls.createPersonalAccount(user, by),
      appendHostEvent(by, { type: "user-created", userId: user.id }),
      appendHostEvent(by, { type: "identity-linked", userId: user.id, provider: "password", identityId: identity.id }),
    ];
  }

  /** Nothing where the invitation is not good any more: that stops no sign-up that is admitted otherwise. */
  async #accept(invitation: string | null, user: User, at: number): Promise<readonly HostChange[]> {
    if (invitation === null) return [];
    try {
      return await this.#calls.acceptInvitation(invitation, user, { at, actor: { type: "human", id: user.id } });
    } catch (error) {
      if (
        ["invitation_closed", "email_mismatch", "email_unverified", "not_found"].some(
          (code) => isMillraceError(error) && error.code === code,
        )
      )
        return [];
      throw error;
    }
  }

  #setPassword(userId: string, digest: string, session: string | null, by: Authorship): readonly HostChange[] {
    return [
      { change: "delete-password", userId },
      { change: "insert-identity", identity: this.#passwordOf(userId, digest, by.at) },
      { change: "end-sessions", ofUser: userId, except: session, at: by.at },
      { change: "delete-mail-proofs", ofUser: userId, purpose: "password-reset" },
      appendHostEvent(by, { type: "password-changed", userId }),
      appendHostEvent(by, { type: "session-ended", userId, sessionId: null }),
    ];
  }

  #passwordOf(userId: string, digest: string, at: number): StoredIdentity {
    const own = { id: this.#ports.ids.next("idn"), userId, provider: "password", subject: userId, label: "" };
    return { ...own, name: null, avatarUrl: null, digest, createdAt: at };
  }

  /** One commit for every address: the proof and its mail; null: a mail that says that the address is known; `nobody`: no mail at all. */
  async #mail(
    email: string,
    at: number,
    what: Pick<MailProof, "purpose" | "userId" | "name" | "password" | "invitation"> | null | "nobody",
  ): Promise<void> {
    const { store, ids } = this.#ports;
    const counted = countAttempt("mail", [await this.#digest(email)], at);
    const secret = secretToken();
    const key = ids.next("prf");
    const digest = await this.#digest(secret);
    if (what === "nobody") return void (await store.commit([counted]));
    if (what === null) {
      const mail = queueMail({ template: "address-known", to: email, values: {}, key, expiresAt: at + LIFE.address, at });
      return void (await store.commit([counted, mail]));
    }
    const expiresAt = at + LIFE[what.purpose];
    const link = linkWith(this.#calls.publicUrl, PAGES[what.purpose], secret) ?? "";
    const template = what.purpose === "password-reset" ? "password-reset" : "address-proof";
    await store.commit([
      counted,
      { change: "insert-mail-proof", proof: { ...what, id: key, digest, email, createdAt: at, expiresAt } },
      queueMail({ template, to: email, values: { link }, key, expiresAt, at }),
    ]);
  }

  /** Unknown, used, expired and meant for something else read alike. */
  async #proof(secret: string, purposes: readonly MailProof["purpose"][]): Promise<MailProof> {
    const { store, clock } = this.#ports;
    const proof = await store.mailProofs.byDigest(await this.#digest(secret));
    if (proof === null || !purposes.includes(proof.purpose) || proof.expiresAt <= clock.now()) throw proofInvalid();
    return proof;
  }

  async #digest(text: string): Promise<string> {
    return (this.#ports.digestText ?? webDigest)(text);
  }

  #hasher(): PasswordHasher {
    const { passwords } = this.#ports;
    if (passwords !== undefined) return passwords;
    throw new MillraceError("not_configured", "nobody signs in to this host with a password", {
      fix: "use another way to sign in, or give the host the port `passwords`",
    });
  }

  #requireMail(): void {
    if (this.#ports.mailer.isOn) return;
    throw new MillraceError("not_configured", "this host sends no mails", { fix: "give the host the port `mailer`" });
  }
}

/** One text for every address: whether it has a user is not said. */
function wrongCredentials(): MillraceError {
  return new MillraceError("invalid_credentials", "address or password are wrong", { fix: "check both, or set a new password by mail" });
}

function refusedSignUp(): MillraceError {
  return new MillraceError("sign_in_refused", "this address may not sign up here", {
    fix: "ask for an invitation to exactly this address",
  });
}
