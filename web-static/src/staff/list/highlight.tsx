// A found part of a text, underlined.

export function Marked({ text, part, last }: { text: string; part: string; last?: boolean }) {
  const [in_text, wanted] = [text.toLowerCase(), part.toLowerCase()];
  const at = wanted ? (last ? in_text.lastIndexOf(wanted) : in_text.indexOf(wanted)) : -1;
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + part.length)}</mark>
      {text.slice(at + part.length)}
    </>
  );
}

/** "010-••••-3412": enough to tell two guests apart, not to copy from over a shoulder. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  return digits.length < 8 ? phone : `${digits.slice(0, 3)}-••••-${digits.slice(-4)}`;
}
