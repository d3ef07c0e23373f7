// The drawings of static/memes/drawings.svg, one by one as pictures that a canvas can draw. One file holds them all, so that a weak
// network is asked once.

const SHARP = 1200; // px of a drawing that fills the picture

let sheet;

async function opened(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
}

/** The drawing called `id` of the sheet at `address`. */
export async function drawing(address, id) {
  sheet ??= await opened(address);
  const symbol = sheet.getElementById(id);
  const alone = sheet.createElementNS(symbol.namespaceURI, "svg");
  for (const { name, value } of symbol.attributes) alone.setAttribute(name, value);
  alone.setAttribute("width", SHARP); // some browsers draw nothing on a canvas without a size
  alone.setAttribute("height", SHARP);
  alone.append(...[...symbol.childNodes].map((part) => part.cloneNode(true)));
  const source = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(alone)], { type: "image/svg+xml" }));
  const image = new Image(SHARP, SHARP);
  image.src = source;
  await image.decode();
  URL.revokeObjectURL(source);
  return image;
}
