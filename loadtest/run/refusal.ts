/** Why a run cannot begin, in words for whoever asked for it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
