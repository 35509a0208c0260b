/** An export of a chunk as rolldown writes it: a function that returns the value, each time that another chunk asks. */
const GETTER =
  /Object\.defineProperty\(exports, ['"]([\w$]+)['"], \{\s*enumerable: true,\s*get: function \(\) \{\s*return ([\w$]+);\s*\}\s*\}\);\n?/g;

/**
 * Exports what never changes as plain values, all at once: a chunk that many others share has hundreds of exports, and to
 * make that many functions, and to read them from the code that is kept, takes a command 2 ms.
 */
export const flatExports = {
  name: 'flat-exports',
  renderChunk: (code) => {
    const values = [];
    const rest = code.replace(GETTER, (whole, name, value) => {
      if (!isConstant(value, code)) return whole;
      values.push(`${name}: ${value}`);
      return '';
    });
    if (values.length === 0) return null;
    return { code: `${rest}\nObject.assign(exports, { ${values.join(', ')} });\n`, map: null };
  },
};

/** Returns true if a name of a chunk gets its value where it is declared, and no other one later. */
function isConstant(name, code) {
  const escaped = name.replaceAll('$', '\\$');
  if (new RegExp(`^(?:async )?function\\*? ${escaped}\\(`, 'm').test(code)) return true;
  const isDeclared = new RegExp(`^(?:const|let|var) ${escaped} = `, 'm').test(code);
  const changes = code.match(
    new RegExp(`(?<![.\\w$])${escaped} *(?:=(?![=>])|\\+\\+|--|\\?\\?=|[-+*/|&]{1,2}=)`, 'g'),
  );
  return isDeclared && changes?.length === 1;
}
