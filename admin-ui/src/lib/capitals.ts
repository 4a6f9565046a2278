import words from './capitals.json';

/**
 * An amount of fen in Chinese capitals, as cheques and transfer slips repeat it beside the
 * figures: a misplaced point or digit is seen at once.
 */
export function inCapitals(fen: number): string {
  const yuan = Math.trunc(fen / 100);
  const jiao = Math.trunc(fen / 10) % 10;
  const rest = fen % 10;
  const digit = (n: number) => words.digits[n]!;
  const head = yuan > 0 ? whole(yuan) + words.yuan : '';
  if (jiao === 0 && rest === 0) return (head || digit(0) + words.yuan) + words.whole;
  const tenth = jiao > 0 ? digit(jiao) + words.jiao : head ? digit(0) : '';
  return head + tenth + (rest > 0 ? digit(rest) + words.fen : words.whole);
}

/** A whole number: four places make a group, and a gap of zeroes is said once. */
function whole(n: number): string {
  const groups: number[] = [];
  for (let rest = n; rest > 0; rest = Math.trunc(rest / 10_000)) groups.unshift(rest % 10_000);
  let text = '';
  let gap = false;
  groups.forEach((group, i) => {
    const unit = words.groups[groups.length - 1 - i]!;
    for (const [place, digit] of [...String(group).padStart(4, '0')].entries()) {
      if (digit === '0') {
        gap = text !== '';
        continue;
      }
      text += (gap ? words.digits[0]! : '') + words.digits[Number(digit)]! + words.places[3 - place]!;
      gap = false;
    }
    if (group > 0) text += unit;
  });
  return text;
}
