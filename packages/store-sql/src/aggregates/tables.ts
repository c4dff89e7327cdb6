import type { CommitGuardTables } from "../schema/commit-guards/table.js";
import type { ActivationTables } from "./activations/table.js";
import type { AccountTables } from "./accounts/table.js";
import type { MembershipTables } from "./memberships/table.js";
import type { BlockTables } from "./blocks/table.js";
import type { DeliveryTables } from "./deliveries/table.js";
import type { AuditTables } from "./audit/table.js";
import type { MountTables } from "./mounts/table.js";
import type { ServiceTables } from "./services/table.js";
import type { RemovalTables } from "./removals/table.js";
import type { DependencyTables } from "./dependencies/table.js";
import type { EventTables } from "./events/table.js";
import type { InvitationTables } from "./invitations/table.js";
import type { NotificationTables } from "./notifications/table.js";
import type { OutputTables } from "./outputs/table.js";
import type { FragmentDefaultTables } from "./fragment-defaults/table.js";
import type { FragmentTables } from "./fragments/table.js";
import type { ModelDefaultTables } from "./model-defaults/table.js";
import type { PipelineLabelTables } from "./pipeline-labels/table.js";
import type { PipelineTables } from "./pipelines/table.js";
import type { PresetTables } from "./presets/table.js";
import type { PullRequestTables } from "./pull-requests/table.js";
import type { RetentionTables } from "./retention/table.js";
import type { ReviewTables } from "./reviews/table.js";
import type { RunTables } from "./runs/table.js";
import type { SpendTables } from "./spend/table.js";
import type { UsageTables } from "./usage/table.js";
import type { WakeUpTables } from "./wakeups/table.js";
import type { WorkspaceTables } from "./workspaces/table.js";
import type { LandingTables } from "./landings/table.js";
import type { MachineJobTables } from "./machine-jobs/table.js";
import type { MailTables } from "./mails/table.js";
import type { PlatformEventTables } from "./platform-events/table.js";
import type { UserTables } from "./users/table.js";
import type { MailProofTables } from "./mail-proofs/table.js";
import type { SessionTables } from "./sessions/table.js";
import type { ApiTokenTables } from "./api-tokens/table.js";
import type { AttemptTables } from "./attempts/table.js";
import type { SignInStateTables } from "./sign-in-states/table.js";
import type { RequestTables } from "./requests/table.js";

/** Columns as they are stored. Booleans are 0 or 1, times epoch ms, documents JSON text: the same in every dialect. */
export interface Tables
  extends
    CommitGuardTables,
    WorkspaceTables,
    AccountTables,
    MembershipTables,
    InvitationTables,
    BlockTables,
    DependencyTables,
    RemovalTables,
    ServiceTables,
    MountTables,
    PipelineTables,
    PipelineLabelTables,
    ModelDefaultTables,
    FragmentTables,
    FragmentDefaultTables,
    PresetTables,
    RunTables,
    EventTables,
    AuditTables,
    OutputTables,
    NotificationTables,
    ReviewTables,
    RetentionTables,
    SpendTables,
    UsageTables,
    ActivationTables,
    WakeUpTables,
    PullRequestTables,
    LandingTables,
    MachineJobTables,
    MailTables,
    PlatformEventTables,
    RequestTables,
    UserTables,
    MailProofTables,
    SessionTables,
    ApiTokenTables,
    AttemptTables,
    SignInStateTables,
    DeliveryTables {}
