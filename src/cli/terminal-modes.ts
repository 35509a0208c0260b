/** Modes of a terminal that full-screen programs change, and whether each is on before (xterm, ctlseqs). */
const USUAL = new Map<number, boolean>([
  ...[1, 9, 47, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1047, 1049, 2004].map(
    (mode) => [mode, false] as const,
  ),
  ...[7, 25].map((mode) => [mode, true] as const),
]);
/** The longest sequence that is waited for. */
const MAX_PART_CHARACTERS = 64;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with ESC
const SEQUENCES = /\x1b(?:\[\?([\d;]+)([hl])|\[([\d;:]*)m|([=>]))/g;
/** The beginning of a sequence at the end of a piece. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const PART = /\x1b(?:\[\??[\d;:]*)?$/;

/** Knows from a program's output in which state it has put the terminal, should it end without tidying up. */
export class TerminalModes {
  private readonly changed = new Set<number>();
  private hasAttributes = false;
  private hasKeypad = false;
  private part = '';

  /** Takes a piece of output, which may begin or end within a sequence. */
  push(bytes: Buffer): void {
    const text = this.part + bytes.toString('latin1');
    const part = PART.exec(text)?.[0] ?? '';
    this.part = part.length <= MAX_PART_CHARACTERS ? part : '';
    for (const [, modes, how, attributes, keypad] of text.matchAll(SEQUENCES)) {
      for (const mode of modes?.split(';').map(Number) ?? []) this.set(mode, how === 'h');
      if (attributes !== undefined) this.hasAttributes = !/^0*$/.test(attributes);
      if (keypad !== undefined) this.hasKeypad = keypad === '=';
    }
  }

  /** Returns what brings the terminal back to its usual state; empty if it is in it. */
  undo(): string {
    const modes = [...this.changed].map((mode) => `\x1b[?${mode}${USUAL.get(mode) ? 'h' : 'l'}`);
    return [...modes, ...(this.hasKeypad ? ['\x1b>'] : []), ...(this.hasAttributes ? ['\x1b[0m'] : [])].join(
      '',
    );
  }

  private set(mode: number, isOn: boolean): void {
    const usual = USUAL.get(mode);
    if (usual === undefined) return;
    if (isOn === usual) this.changed.delete(mode);
    else this.changed.add(mode);
  }
}
