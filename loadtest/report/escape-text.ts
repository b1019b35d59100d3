const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text that may stand anywhere in HTML, also in an attribute between double quotes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, character => ENTITIES[character] ?? character);
}
