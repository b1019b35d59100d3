export { AwsError } from './aws-error.ts';
export {
  type AnsweredRequest,
  type AwsServer,
  type AwsServerOptions,
  createAwsServer,
} from './aws-server.ts';
export type { AwsService, BodyLimit, BodyLimits, Handler, Handlers } from './aws-service.ts';
export type { Constraint, Constraints, ConstraintTable } from './constraint.ts';
export { createHttpServer, HTTP_LIMITS, type HttpLimits } from './http-server.ts';
export {
  createIamService,
  type IamHandlers,
  type IamInput,
  type IamOutput,
} from './iam/iam-service.ts';
export {
  createLambdaService,
  type LambdaHandlers,
  type LambdaInput,
  type LambdaOperation,
  type LambdaOutput,
  loadLambdaSchemas,
} from './lambda/lambda-service.ts';
export { LAMBDA_RUNTIMES } from './lambda/runtimes.ts';
export { createLogsService } from './logs/logs-service.ts';
export { BodyError, BodyRoom, readBody } from './request-body.ts';
export type { RequestContext } from './request-context.ts';
export {
  collectSchemas,
  type ErrorSchema,
  type OperationSchema,
  type Schemas,
} from './schemas.ts';
export { type ServedService, ServiceLoader } from './served-service.ts';
export { createStsService, type StsHandlers, type StsInput, type StsOutput } from './sts/sts-service.ts';
export { writePart } from './write-part.ts';
