// Looks for words as the site does (memes/search.py): the same tables, and the same words of each entry, come with the pack
// (words.js). What is looked for has one form: folded, without an article or the sign of several.

const { same, articles, noNoun, most, mostWords, longest } = globalThis.pack?.rules ?? {};

function folded(text) {
  const small = text.toLowerCase().toUpperCase().toLowerCase(); // so that ß is ss, as for the site
  const bare = small.normalize("NFKD").replace(/\p{M}/gu, "");
  return [...bare].map((letter) => same[letter] ?? letter).join("");
}

function single(word) {
  if (word.length < 4 || !/[sx]$/.test(word)) return word;
  if (word.endsWith("aux") && word.length > 4 && word.at(-4) !== "e") return `${word.slice(0, -3)}al`;
  return word.slice(0, -1);
}

function lookedFor(word) {
  if (!/[\u0621-\u064a]/.test(word)) return single(word);
  const rests = articles
    .filter(([start, least]) => word.startsWith(start) && word.length - start.length >= least)
    .map(([start]) => word.slice(start.length))
    .filter((rest) => !noNoun.includes(rest));
  return rests.reduce((shortest, rest) => (rest.length < shortest.length ? rest : shortest), word);
}

export function asked(query) {
  const words = folded([...query].slice(0, most).join("")).match(/[\p{L}\p{N}]+/gu) ?? [];
  const whole = words.filter((word) => [...word].length > 1 || /^\p{Nd}$/u.test(word));
  const forms = whole.map((word) => lookedFor([...word].slice(0, longest).join("")));
  return [...new Set(forms)].slice(0, mostWords);
}

const known = new Map(Object.entries(globalThis.pack?.words ?? {}).map(([mark, words]) => [mark, new Set(words.split(" "))]));

// Marks of the entries that have all the words; undefined where nothing is looked for.
export function found(query) {
  if (!query.trim()) return undefined;
  const words = asked(query);
  const has = ([, all]) => words.length > 0 && words.every((word) => all.has(word));
  return new Set([...known].filter(has).map(([mark]) => mark));
}
