// What in a text could lead to a child, ask for help or hurt. The rules are data, the same that the server reads
// (memes/guard.py); this is its twin, word for word, and a test compares the two.

const WORD = /[a-z0-9$\u0370-\u058f\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u2d30-\u2d67]+/g;
const THRICE = /([^0-9])\1\1+/g;
const TWICE = /([^0-9])\1+/g;
const ARABIC_WORD = /^[وفبلك][\u0620-\u064a]{3,}/;
const OTHER = "\ufffd"; // in the place of what is two units here and one character there, such as a face
const HIDDEN = /[\p{M}\p{Cf}]/u;

export class Guard {
  #letters;
  #digits;
  #patterns;
  #lists = new Map();
  #tree = new Map();
  #memory = new Map();

  constructor(data) {
    this.#letters = data.letters;
    this.#digits = data.digits;
    this.#patterns = data.patterns.map(([kind, pattern]) => [kind, new RegExp(pattern, "g")]);
    for (const [name, words] of Object.entries(data.lists))
      for (const word of this.#fold(words).split(" ").filter(Boolean))
        this.#lists.set(word, [...(this.#lists.get(word) ?? []), `@${name}`]);
    for (const [kind, phrases] of Object.entries(data.phrases))
      for (const phrase of phrases) for (const said of spelt(this.#fold(phrase))) this.#plant(said, kind);
  }

  // [{ kind, start, end }], in order; start and end as in text.slice().
  find(text) {
    const [folded, places] = this.#folded(text);
    const spans = [...this.#byPattern(folded), ...this.#byPhrase(folded, text, places)]
      .map(([start, end, kind]) => ({ kind, start: places[start][0], end: places[end]?.[0] ?? text.length }))
      .sort((a, b) => a.start - b.start || b.end - a.end || (a.kind < b.kind ? -1 : 1));
    const kept = [];
    for (const finding of spans) {
      const last = kept.at(-1);
      const same = finding.kind === last?.kind;
      if (last && finding.start < last.end && (same || finding.end <= last.end) && (same || !/^d/.test(finding.kind)))
        last.end = Math.max(last.end, finding.end);
      else kept.push(finding);
    }
    return kept;
  }

  #plant(said, kind) {
    let node = this.#tree;
    for (const word of said.split(" ").filter(Boolean)) {
      if (!node.has(word)) node.set(word, new Map());
      node = node.get(word);
    }
    node.kind ??= kind;
  }

  #letter(char) {
    let found = this.#memory.get(char);
    if (found !== undefined) return found;
    found = "";
    if (/[\u2019\u2018\u02bc]/.test(char)) found = "'";
    else
      for (const part of char.normalize("NFKD"))
        if (!HIDDEN.test(part))
          for (const small of part.toLowerCase()) found += this.#letters[small] ?? (small.length > 1 ? OTHER : small);
    this.#memory.set(char, found);
    return found;
  }

  #fold(text) {
    return [...text].map((char) => this.#letter(char)).join("");
  }

  #folded(text) {
    let [folded, at] = ["", 0];
    const places = [];
    for (const char of text) {
      const part = this.#letter(char);
      folded += part;
      for (let unit = 0; unit < part.length; unit++) places.push([at, at + char.length]);
      at += char.length;
    }
    return [folded, places];
  }

  *#byPattern(folded) {
    for (const [kind, pattern] of this.#patterns)
      for (const match of folded.matchAll(pattern)) {
        const start = match.index + match[1].length;
        const end = match.index + match[0].length;
        if (end > start) yield [start, end, kind];
      }
  }

  *#byPhrase(folded, text, places) {
    const tokens = tokensOf(folded, text, places);
    const keys = tokens.map((token) => this.#keys(token));
    for (let at = 0; at < tokens.length; ) {
      const [kind, end] = this.#longest(keys, at);
      if (kind && kind !== "ok") yield [tokens[at].start, tokens[end - 1].end, kind];
      at = Math.max(end, at + 1);
    }
  }

  #longest(keys, at) {
    let [kind, end, nodes] = ["", at, [this.#tree]];
    while (nodes.length && at < keys.length) {
      nodes = nodes.flatMap((node) => keys[at].filter((key) => node.has(key)).map((key) => node.get(key)));
      at += 1;
      const said = nodes.find((node) => node.kind)?.kind;
      if (said) [kind, end] = [said, at];
    }
    return [kind, end];
  }

  #keys(token) {
    const forms = this.#forms(token.text);
    const lists = new Set(forms.flatMap((form) => this.#lists.get(form) ?? []));
    const keys = [...forms, ...[...lists].sort(), "*"];
    if (/^[0-9]+$/.test(token.text)) {
      const number = Number(token.text.slice(0, 4));
      return number >= 5 && number <= 19 ? [...keys, "#n", "#age"] : [...keys, "#n"];
    }
    if (![...lists].some((name) => name.startsWith("@common")) && token.text.length > 1)
      keys.push("_", ...(token.capital ? ["^"] : []));
    return token.capital ? [...keys, ...forms.map((form) => `^${form}`)] : keys;
  }

  #forms(word) {
    const found = [word];
    if (word.search(THRICE) >= 0)
      found.push(word.replace(THRICE, "$1"), word.replace(THRICE, "$1$1"), word.replace(TWICE, "$1"));
    if (!/^[0-9]+$/.test(word)) found.push([...word].map((char) => this.#digits[char] ?? char).join(""));
    if (ARABIC_WORD.test(word)) found.push(word.slice(1));
    return [...new Set(found)];
  }
}

function spelt(phrase) {
  const choice = /\{([^{}]*)\}/.exec(phrase);
  if (!choice) return [phrase];
  const [head, tail] = [phrase.slice(0, choice.index), phrase.slice(choice.index + choice[0].length)];
  return choice[1].split(",").flatMap((part) => spelt(head + part + tail));
}

function tokensOf(folded, text, places) {
  const found = [];
  let row = [];
  for (const match of folded.matchAll(WORD)) {
    const start = match.index;
    const first = text.slice(...places[start]);
    const token = { text: match[0], start, end: start + match[0].length, capital: first !== first.toLowerCase() };
    const letter = token.text.length === 1 && !/[0-9]/.test(token.text);
    if (row.length && (!letter || start - row.at(-1).end !== 1)) {
      found.push(...joined(row));
      row = [];
    }
    (letter ? row : found).push(token);
  }
  return [...found, ...joined(row)];
}

function joined(row) {
  if (row.length < 3) return row;
  const text = row.map((token) => token.text).join("");
  return [{ text, start: row[0].start, end: row.at(-1).end, capital: row[0].capital }];
}
