export { GATEWAY_FIELDS, type GatewayConfig } from './config.ts';
export { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';
