import archy from 'archy';

/** A line, or a line with what is below it. */
export type Tree = string | { label: string; nodes: Tree[] };

/**
 * Draws trees, of which many have the same shape: what archy draws before the lines of one is kept for all of that shape,
 * because to draw 10,000 processes would take longer than all the rest of a command.
 */
export class TreeDrawer {
  /** What stands before each line, by the shape of a tree. */
  private readonly drawn = new Map<string, string[]>();

  /** Returns a tree as text, whose lines all end with a newline. */
  draw(tree: Tree): string {
    const labels = labelsOf(tree);
    // Further lines of a label have something else before them.
    if (labels.some((label) => label.includes('\n'))) return archy(tree as archy.Data);
    const before = this.beforeLines(tree);
    return labels.map((label, at) => `${before[at]}${label}\n`).join('');
  }

  private beforeLines(tree: Tree): string[] {
    const shape = shapeOf(tree);
    const before = this.drawn.get(shape) ?? archy(withoutLabels(tree)).split('\n');
    this.drawn.set(shape, before);
    return before;
  }
}

function labelsOf(tree: Tree): string[] {
  return typeof tree === 'string' ? [tree] : [tree.label, ...tree.nodes.flatMap(labelsOf)];
}

function shapeOf(tree: Tree): string {
  return typeof tree === 'string' || tree.nodes.length === 0 ? '.' : `(${tree.nodes.map(shapeOf).join('')})`;
}

function withoutLabels(tree: Tree): archy.Data {
  const nodes = typeof tree === 'string' ? [] : tree.nodes;
  return { label: '', nodes: nodes.map(withoutLabels) };
}
