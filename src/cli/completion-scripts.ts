import type { Command, Option } from './command.ts';

type Commands = readonly Command[];

/** Returns the first sentence without its markup, which is what fits next to a completion. */
function brief(help: string): string {
  return help.replaceAll('`', '').split(/[.;:](?:\s|$)/, 1)[0] ?? '';
}

/** Quotes a word for a shell. */
const single = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Returns the words that can come first after a command. */
function firstWords(command: Command, commands: Commands): string[] {
  if (command.name === 'help') return commands.map(({ name }) => name);
  return (command.verbs ?? []).map(({ name }) => name).filter((name) => name !== '');
}

function flags({ name, value, pairs }: Option): string {
  if (pairs) return `--${name}.`;
  return value ? `--${name}=` : `--${name}`;
}

/** Returns a script for bash to `source`. */
export function bashScript(commands: Commands): string {
  const names = commands.map(({ name }) => name).join(' ');
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => valueCase(name, option)),
  );
  const options = commands.map((command) => {
    const words = [...firstWords(command, commands), ...command.options.map(flags), '--help'];
    return `      ${command.name}) words="${words.join(' ')}" ;;`;
  });
  const operands = commands.flatMap((command) => {
    const { name, completes } = command;
    if (command.operands === 'command') return [`        ${name}) compopt -o default ;;`];
    const behind = firstWords(command, commands).length > 0 ? '((COMP_CWORD > 2)) && ' : '';
    return completes ? [`        ${name}) ${behind}sought=${completes} ;;`] : [];
  });
  return `# bash completion for fleet; in ~/.bashrc: source <(fleet completion bash)
_fleet() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} option=\${COMP_WORDS[COMP_CWORD-1]}
  local words="" sought="" value="" plus="" word where=()
  COMPREPLY=()
  # After --, the command line is another program's.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -- ]] && compopt -o default && return; done
  # bash makes = a word of its own.
  if [[ $cur == = ]]; then value=1 cur=""; elif [[ $prev == = ]]; then value=1 option=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then words="${names}"; else case \${COMP_WORDS[1]}:$option in
${values.join('\n')}
    *) [[ -n $value ]] || case \${COMP_WORDS[1]} in
${options.join('\n')}
      esac
      case $value$cur in
      +*) plus=+ cur=\${cur#+} words="" sought=remotes ;;
      1* | -*) ;;
      *) case \${COMP_WORDS[1]} in
${operands.join('\n')}
        esac ;;
      esac ;;
  esac; fi
  if [[ -n $sought ]]; then
    for word in $COMP_LINE; do case $word in +?* | --remote=?* | --hub=?* | --secret-file=?* | --as=?* | --repo=?*) where+=("$word") ;; esac; done
    [[ -n $plus ]] && where=()
    words+=" $(fleet completion words $sought "\${where[@]}" 2>/dev/null)"
  fi
  COMPREPLY=($(compgen -P "$plus" -W "$words" -- "$cur"))
  [[ \${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace
}
complete -F _fleet fleet
`;
}

/** Returns a line of a `case` for the value of an option; empty if it takes none. */
function valueCase(command: string, { name, short, aliases = [], value, completes }: Option): string[] {
  if (!value) return [];
  const names = [`--${name}`, ...aliases.map((alias) => `--${alias}`), ...(short ? [`-${short}`] : [])];
  return [`    ${names.map((one) => `${command}:${one}`).join(' | ')}) ${valueAction(completes)};;`];
}

function valueAction(completes: Option['completes']): string {
  if (completes === undefined) return '';
  if (completes === 'file') return 'compopt -o default ';
  return typeof completes === 'string' ? `sought=${completes} ` : `words="${completes.join(' ')}" `;
}

/** Returns a script for zsh, to `source`, or to put on the fpath as `_fleet`. */
export function zshScript(commands: Commands): string {
  const safe = (text: string) => text.replace(/[[\]\\:]/g, '\\$&');
  const option = (one: Option) => {
    const { name, short, value, pairs, repeat, completes, help } = one;
    const more = repeat || pairs ? '*' : '';
    const action = zshAction(completes);
    const argument = value || pairs ? `:${safe(value ?? 'VALUE')}:${action}` : '';
    const long = single(`${more}${flags(one)}${pairs ? '-' : ''}[${safe(brief(help))}]${argument}`);
    return short ? [long, single(`-${short}[same as --${name}]${argument}`)] : [long];
  };
  const cases = commands.map((command) => {
    const words = firstWords(command, commands);
    const operands =
      command.operands === 'command' ? ["'(-)1:command:_command_names -e'", "'*::arguments: _normal'"] : [];
    const first = words.length > 0 ? [single(`1:word:(${words.join(' ')})`)] : [];
    const others = command.completes
      ? [single(`*:${command.completes}:${zshAction(command.completes)}`)]
      : [];
    const specs = [
      ...command.options.flatMap(option),
      single('--help[Shows the manual page]'),
      ...first,
      ...others,
      ...operands,
    ];
    return `    ${command.name})\n      _arguments -S ${specs.join(' \\\n        ')} ;;`;
  });
  const names = commands.map(({ name, summary }) => `    ${single(`${name}:${safe(summary)}`)}`);
  return `#compdef fleet
# zsh completion for fleet; in ~/.zshrc: source <(fleet completion zsh)
_fleet_words() {
  local -a found where
  where=(\${(M)words:#(+?*|--remote=?*|--hub=?*|--secret-file=?*|--as=?*|--repo=?*)})
  found=(\${(f)"$(fleet completion words $1 $where 2>/dev/null)"})
  compadd -a found
}
_fleet() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  # After --, the command line is another program's.
  local end=\${words[(i)--]}
  if ((end < CURRENT)); then
    shift end words
    ((CURRENT -= end))
    _normal
    return
  fi
  if [[ $PREFIX == +* ]]; then
    compset -P +
    _fleet_words remotes
    return
  fi
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _fleet ]]; then _fleet "$@"; else compdef _fleet fleet; fi
`;
}

function zshAction(completes: Option['completes']): string {
  if (completes === undefined) return ' ';
  if (completes === 'file') return '_files';
  return typeof completes === 'string' ? ` _fleet_words ${completes}` : `(${completes.join(' ')})`;
}

/** Returns a script for fish, to be saved as `completions/fleet.fish`. */
export function fishScript(commands: Commands): string {
  const lines = commands.flatMap((command) => {
    const { name, summary, options } = command;
    const here = `complete -c fleet -n '__fish_seen_subcommand_from ${name}'`;
    const words = firstWords(command, commands);
    const verb = words.length > 0 ? `; and __fish_seen_subcommand_from ${words.join(' ')}` : '';
    const behind = `${here.slice(0, -1)}${verb}'`;
    return [
      `complete -c fleet -n __fish_use_subcommand -a ${name} -d ${single(summary)}`,
      ...(words.length > 0 ? [`${here} -a ${single(words.join(' '))}`] : []),
      ...(command.completes ? [`${behind} -a ${single(`(__fleet_words ${command.completes})`)}`] : []),
      ...options.map((option) => `${here} ${fishOption(option)} -d ${single(brief(option.help))}`),
    ];
  });
  return `# fish completion for fleet: fleet completion fish > ~/.config/fish/completions/fleet.fish
function __fleet_words
    set -l where (string match -r -- '^(?:\\+|--remote=|--hub=|--secret-file=|--as=|--repo=).+' (commandline -opc))
    fleet completion words $argv[1] $where 2>/dev/null
end
complete -c fleet -f
complete -c fleet -n 'string match -q -- "+*" (commandline -ct)' -a '+(__fleet_words remotes)'
${lines.join('\n')}
`;
}

function fishOption({ name, short, value, pairs, completes }: Option): string {
  const takes = fishTakes(completes) ?? (value ? ' -x' : '');
  return `-l ${name}${pairs ? '.' : ''}${short ? ` -s ${short}` : ''}${takes}`;
}

function fishTakes(completes: Option['completes']): string | undefined {
  if (completes === undefined) return undefined;
  if (completes === 'file') return ' -r -F';
  const words = typeof completes === 'string' ? `(__fleet_words ${completes})` : completes.join(' ');
  return ` -x -a ${single(words)}`;
}
