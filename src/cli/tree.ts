/** A label, and what is below it. */
export interface Tree {
  label: string;
  nodes: readonly (Tree | string)[];
}

/**
 * Returns a tree as `npm ls` draws one, with a newline at the end of each line. A label of several lines goes on at the same
 * depth.
 */
export function treeText(tree: Tree, indent = ''): string {
  const { label, nodes } = tree;
  const last = nodes.length - 1;
  const own = label.includes('\n') ? label.replaceAll('\n', `\n${indent}${last < 0 ? ' ' : '│'} `) : label;
  let text = `${own}\n`;
  nodes.forEach((node, at) => {
    const below = typeof node === 'string' ? { label: node, nodes: [] } : node;
    const corner = `${at === last ? '└' : '├'}─${below.nodes.length > 0 ? '┬' : '─'} `;
    text += indent + corner + treeText(below, `${indent}${at === last ? ' ' : '│'} `);
  });
  return text;
}
