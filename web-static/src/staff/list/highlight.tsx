// Underlines the part of a text that was searched for.

export function Highlight({ text, match, last }: { text: string; match: string; last?: boolean }) {
  const [lowerText, lowerMatch] = [text.toLowerCase(), match.toLowerCase()];
  const at = lowerMatch ? (last ? lowerText.lastIndexOf(lowerMatch) : lowerText.indexOf(lowerMatch)) : -1;
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + match.length)}</mark>
      {text.slice(at + match.length)}
    </>
  );
}

/** "010-••••-3412": enough to tell two guests apart, too little for somebody who looks over a shoulder. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  return digits.length < 8 ? phone : `${digits.slice(0, 3)}-••••-${digits.slice(-4)}`;
}
