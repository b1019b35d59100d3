import type { AnsweredRequest } from '@lambent/aws-api';
import type { Counter, Histogram, Telemetry } from '@lambent/daemon';
import type { Door } from './calls/call.ts';

const MS_PER_SECOND = 1_000;

/** What is counted of requests. Names of functions are not among the labels here: workers count those. */
export class GatewayMetrics {
  readonly #requests: Counter;
  readonly #invokes: Histogram;

  constructor(telemetry: Telemetry) {
    this.#requests = telemetry.counter(
      'lambent_gateway_requests',
      'Requests to the AWS API answered, by operation and status.',
    );
    this.#invokes = telemetry.histogram(
      'lambent_gateway_invoke_duration',
      'From request to answer of an Invoke, by door and status.',
      's',
    );
  }

  answered({ operation = 'unknown', status, durationMs }: AnsweredRequest): void {
    this.#requests.add(1, { operation, status });
    if (operation === 'Invoke') this.invoked({ door: 'http', status, durationMs });
  }

  /** `status` is the one of HTTP, whatever the door. */
  invoked({ door, status, durationMs }: { door: Door; status: number; durationMs: number }): void {
    this.#invokes.record(durationMs / MS_PER_SECOND, { door, status });
  }
}
