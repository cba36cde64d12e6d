/** A piece of a line in one look. */
export interface Piece {
  text: string;
  /** One of the eight colours of a terminal, by number; undefined is the page's own. */
  colour?: number | undefined;
  isBold?: boolean;
}

// Everything a program may say to a terminal: a look ends in m; what else there is, is left out.
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are spoken to with these
  /\u001b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

interface Style {
  colour: number | undefined;
  isBold: boolean;
}

/** Part a line into pieces of one look each, and leave out what only a terminal understands. */
export function piecesOf(line: string): Piece[] {
  if (!line.includes("\u001b")) return line ? [{ text: line }] : [];
  const pieces: Piece[] = [];
  let style: Style = { colour: undefined, isBold: false };
  let from = 0;
  const add = (text: string): void => {
    if (text) pieces.push({ text, ...style });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(from, match.index));
    if (match[2] === "m") style = styledBy(match[1] ?? "", style);
    from = match.index + match[0].length;
  }
  add(line.slice(from));
  return pieces;
}

/** A line without what only a terminal understands. */
export function plain(line: string): string {
  return line.includes("\u001b") ? line.replace(SEQUENCE, "") : line;
}

/** The look after a sequence; a colour outside the eight becomes the one that is most like it. */
function styledBy(codes: string, before: Style): Style {
  const style = { ...before };
  const numbers = codes.split(/[;:]/).map(Number);
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index] as number;
    if (code === 0) Object.assign(style, { colour: undefined, isBold: false });
    else if (code === 1) style.isBold = true;
    else if (code === 22) style.isBold = false;
    else if (code === 39) style.colour = undefined;
    else if (code >= 30 && code <= 37) style.colour = code - 30;
    else if (code >= 90 && code <= 97) style.colour = code - 90;
    else if (code === 38 || code === 48) {
      const isIndexed = numbers[index + 1] === 5;
      const rest = numbers.slice(index + 2, index + (isIndexed ? 3 : 5));
      const colour = isIndexed ? ofTable(rest[0] ?? 0) : nearest(rest);
      if (code === 38) style.colour = colour;
      index += isIndexed ? 2 : 4;
    }
  }
  return style;
}

/** One of a terminal's 256 colours: 16 named, a cube of 6 by 6 by 6, and 24 greys. */
function ofTable(index: number): number | undefined {
  if (index < 16) return index % 8;
  if (index > 231) return undefined;
  const cube = index - 16;
  return nearest([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]);
}

/** The one of the eight that is most like red, green and blue; greys are the page's own. */
function nearest(parts: number[]): number | undefined {
  const [most, least] = [Math.max(...parts), Math.min(...parts)];
  if (!(most > least)) return undefined;
  const isIn = (part: number | undefined) => (part ?? 0) > (most + least) / 2;
  return (isIn(parts[0]) ? 1 : 0) + (isIn(parts[1]) ? 2 : 0) + (isIn(parts[2]) ? 4 : 0);
}
