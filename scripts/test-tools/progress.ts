/** One line of progress: a first run takes minutes, and says what it is about. */
export function tell(progress: string): void {
  console.log(`▸ ${progress}`);
}
