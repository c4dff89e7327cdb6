/** Every operation and what does it. The compiler finds an operation without a handler. */
import type { OperationName } from "@millrace/contracts";
import type { AccountsService } from "./modules/accounts/accounts-service.js";
import { accountHandlers } from "./modules/accounts/operations.js";
import type { InvitationsService } from "./modules/invitations/invitations-service.js";
import { invitationHandlers } from "./modules/invitations/operations.js";
import { boardHandlers } from "./modules/board/operations.js";
import type { FragmentsService } from "./modules/fragments/fragments-service.js";
import { fragmentHandlers } from "./modules/fragments/operations.js";
import type { ModelsService } from "./modules/models/models-service.js";
import { modelHandlers } from "./modules/models/operations.js";
import { pipelineHandlers } from "./modules/pipelines/operations.js";
import type { HostService } from "./modules/host/host-service.js";
import { hostHandlers } from "./modules/host/operations.js";
import { presetHandlers } from "./modules/merge-presets/operations.js";
import { signInHandlers } from "./modules/sign-in/operations.js";
import { userHandlers } from "./modules/users/operations.js";
import { reviewHandlers } from "./modules/reviews/operations.js";
import type { HandlersOf } from "./platform/operations/handler.js";
import { auditHandlers } from "./modules/audit/operations.js";
import { retentionHandlers } from "./modules/retention/operations.js";
import { settingsHandlers } from "./modules/settings/operations.js";
import { workspaceHandlers } from "./modules/workspaces/operations.js";
import { runHandlers, type RunHandlerServices } from "./run/operations.js";
import { boardScanHandlers } from "./modules/board-scan/operations.js";
import type { BoardScanService } from "./modules/board-scan/board-scan-service.js";
import { sharingHandlers } from "./modules/sharing/operations.js";
import type { SharingService } from "./modules/sharing/sharing-service.js";
import type { BoardService } from "./modules/board/board-service.js";
import type { PipelinesService } from "./modules/pipelines/pipelines-service.js";
import type { PresetsService } from "./modules/merge-presets/merge-presets-service.js";
import type { SignInService } from "./modules/sign-in/index.js";
import type { UsersModuleService } from "./modules/users/index.js";
import type { ReviewsService } from "./modules/reviews/reviews-service.js";
import type { AuditService } from "./modules/audit/audit-service.js";
import type { RetentionService } from "./modules/retention/retention-service.js";
import type { SettingsService } from "./modules/settings/settings-service.js";
import type { WorkspacesService } from "./modules/workspaces/workspaces-service.js";

/** The services behind the operations. */
export interface OperationServices extends RunHandlerServices {
  readonly workspaces: WorkspacesService;
  readonly settings: SettingsService;
  readonly retention: RetentionService;
  readonly audit: AuditService;
  readonly accounts: AccountsService;
  readonly invitations: InvitationsService;
  readonly board: BoardService;
  readonly fragments: FragmentsService;
  readonly models: ModelsService;
  readonly pipelines: PipelinesService;
  readonly presets: PresetsService;
  readonly sharing: SharingService;
  readonly boardScan: BoardScanService;
  readonly reviews: ReviewsService;
  readonly users: UsersModuleService;
  readonly signIn: SignInService;
  readonly host: HostService;
}

type ModuleOf<Name extends string> = Name extends `${infer Module}.${string}` ? Module : never;

/** A handler for every operation. One line per module. */
export function operationHandlers(services: OperationServices): HandlersOf<ModuleOf<OperationName>> {
  return {
    ...workspaceHandlers(services.workspaces),
    ...settingsHandlers(services.settings),
    ...retentionHandlers(services.retention),
    ...auditHandlers(services.audit),
    ...accountHandlers(services.accounts),
    ...invitationHandlers(services.invitations),
    ...boardHandlers(services.board),
    ...fragmentHandlers(services.fragments),
    ...modelHandlers(services.models),
    ...pipelineHandlers(services.pipelines),
    ...presetHandlers(services.presets),
    ...sharingHandlers(services.sharing),
    ...boardScanHandlers(services.boardScan),
    ...runHandlers(services),
    ...reviewHandlers(services.reviews),
    ...userHandlers(services.users),
    ...signInHandlers(services.signIn),
    ...hostHandlers(services.host),
  };
}
