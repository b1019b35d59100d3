import type { AnsweredRequest } from '@lambent/aws-api';
import type { Counter, Histogram, Telemetry } from '@lambent/daemon';

const MS_PER_SECOND = 1_000;

/** What is counted of requests. Names of functions are not among the labels here: workers count those. */
export class GatewayMetrics {
  readonly #requests: Counter;
  readonly #invokes: Histogram;

  constructor(telemetry: Telemetry) {
    this.#requests = telemetry.counter(
      'lambent_gateway_requests',
      'Requests answered, by operation and status.',
    );
    this.#invokes = telemetry.histogram(
      'lambent_gateway_invoke_duration',
      'From request to answer of an Invoke.',
      's',
    );
  }

  answered({ operation = 'unknown', status, durationMs }: AnsweredRequest): void {
    this.#requests.add(1, { operation, status });
    if (operation === 'Invoke') this.#invokes.record(durationMs / MS_PER_SECOND, { status });
  }
}
