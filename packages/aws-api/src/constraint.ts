/**
 * What a member must satisfy beyond its type and its being there, which the schemas say. The bounds are those of a
 * number's value, of a string's length, or of a list's or map's size.
 */
export interface Constraint {
  readonly min?: number;
  readonly max?: number;
  /** As AWS writes it in its messages. The whole value has to match. */
  readonly pattern?: string;
  /** In the order AWS names them in. */
  readonly enum?: readonly string[];
  /** A number without a fraction; the schemas do not tell integers from the rest. */
  readonly integer?: true;
  /** Its value is left out of messages. */
  readonly sensitive?: true;
  /**
   * What AWS's service, as against its front door, refuses: looked at once everything else holds, and answered
   * under InvalidParameterValueException with this text.
   */
  readonly refuse?: (value: string) => string | undefined;
}

/**
 * By the member's path in the operation's input: `MemorySize`, `Code.S3Bucket`, `Layers.member` for the elements of
 * a list, `Environment.Variables.key` and `.value` for those of a map.
 */
export type Constraints = Readonly<Record<string, Constraint>>;

/** By operation. */
export type ConstraintTable = Readonly<Record<string, Constraints>>;
