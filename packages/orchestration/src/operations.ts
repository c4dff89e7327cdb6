/** Every operation and what does it. The compiler finds an operation without a handler. */
import type { OperationName } from "@millrace/contracts";
import { boardHandlers } from "./modules/board/operations.js";
import type { FragmentsService } from "./modules/fragments/fragments-service.js";
import { fragmentHandlers } from "./modules/fragments/operations.js";
import type { ModelsService } from "./modules/models/models-service.js";
import { modelHandlers } from "./modules/models/operations.js";
import { pipelineHandlers } from "./modules/pipelines/operations.js";
import type { HostService } from "./modules/host/host-service.js";
import { hostHandlers } from "./modules/host/operations.js";
import { presetHandlers } from "./modules/merge-presets/operations.js";
import { reviewHandlers } from "./modules/reviews/operations.js";
import type { HandlersOf } from "./platform/operations/handler.js";
import { runHandlers, type RunHandlerServices } from "./run/operations.js";
import type { BoardService } from "./modules/board/board-service.js";
import type { PipelinesService } from "./modules/pipelines/pipelines-service.js";
import type { PresetsService } from "./modules/merge-presets/merge-presets-service.js";
import type { ReviewsService } from "./modules/reviews/reviews-service.js";

/** The services behind the operations. */
export interface OperationServices extends RunHandlerServices {
  readonly board: BoardService;
  readonly fragments: FragmentsService;
  readonly models: ModelsService;
  readonly pipelines: PipelinesService;
  readonly presets: PresetsService;
  readonly reviews: ReviewsService;
  readonly host: HostService;
}

type ModuleOf<Name extends string> = Name extends `${infer Module}.${string}` ? Module : never;

/** A handler for every operation. One line per module. */
export function operationHandlers(services: OperationServices): HandlersOf<ModuleOf<OperationName>> {
  return {
    ...boardHandlers(services.board),
    ...fragmentHandlers(services.fragments),
    ...modelHandlers(services.models),
    ...pipelineHandlers(services.pipelines),
    ...presetHandlers(services.presets),
    ...runHandlers(services),
    ...reviewHandlers(services.reviews),
    ...hostHandlers(services.host),
  };
}
