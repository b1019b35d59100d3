import { AwsError, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { LATEST, type UrlRecord } from '@lambent/functions';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Output = LambdaOutput<'GetFunctionUrlConfig'>;
type Cors = LambdaInput<'CreateFunctionUrlConfig'>['Cors'];

/** Only the function itself and its aliases have URLs. */
export function urlQualifier({ qualifier = LATEST }: FunctionAddress): string {
  if (qualifier !== LATEST && /^\d+$/.test(qualifier))
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: (^\\$LATEST$)|((?!^[0-9]+$)([a-zA-Z0-9-_]+))`,
    );
  return qualifier;
}

export function toUrlConfig(
  url: UrlRecord,
  {
    urlHosts,
    address,
    baseUrl,
  }: Pick<LambdaBackend, 'urlHosts'> & {
    readonly address: FunctionAddress;
    readonly baseUrl: string;
  },
): Output & Required<Pick<Output, 'CreationTime' | 'LastModifiedTime'>> {
  return {
    FunctionUrl: urlHosts.urlOf(url.urlId, baseUrl),
    FunctionArn: url.qualifier === LATEST ? address.functionArn : address.qualified(url.qualifier),
    AuthType: url.authType,
    CreationTime: new Date(url.createdMs).toISOString(),
    LastModifiedTime: new Date(url.modifiedMs).toISOString(),
    InvokeMode: url.invokeMode,
    ...(url.cors && { Cors: shownCors(url.cors) }),
  };
}

function shownCors(cors: NonNullable<UrlRecord['cors']>) {
  return {
    ...(cors.allowCredentials !== undefined && { AllowCredentials: cors.allowCredentials }),
    ...(cors.allowHeaders && { AllowHeaders: [...cors.allowHeaders] }),
    ...(cors.allowMethods && { AllowMethods: [...cors.allowMethods] }),
    ...(cors.allowOrigins && { AllowOrigins: [...cors.allowOrigins] }),
    ...(cors.exposeHeaders && { ExposeHeaders: [...cors.exposeHeaders] }),
    ...(cors.maxAgeSeconds !== undefined && { MaxAge: cors.maxAgeSeconds }),
  };
}

/** Undefined: there is none. Credentials of any origin whatever is what browsers refuse, and AWS before them. */
export function chosenCors(cors: Cors): NonNullable<UrlRecord['cors']> | undefined {
  if (!cors) return undefined;
  const { AllowCredentials, AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders, MaxAge } = cors;
  if (AllowCredentials && AllowOrigins?.includes('*'))
    throw invalidParameter('AllowCredentials cannot be true when AllowOrigins contains *');
  return {
    ...(AllowCredentials !== undefined && { allowCredentials: AllowCredentials }),
    ...(AllowHeaders && { allowHeaders: [...AllowHeaders] }),
    ...(AllowMethods && { allowMethods: [...AllowMethods] }),
    ...(AllowOrigins && { allowOrigins: [...AllowOrigins] }),
    ...(ExposeHeaders && { exposeHeaders: [...ExposeHeaders] }),
    ...(MaxAge !== undefined && { maxAgeSeconds: MaxAge }),
  };
}

export function noUrl(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
}
