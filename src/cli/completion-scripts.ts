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
  const cases = commands.map((command) => {
    const words = [...firstWords(command, commands), ...command.options.map(flags), '--help'];
    return `    ${command.name}) words="${words.join(' ')}" ;;`;
  });
  return `# bash completion for fleet; in ~/.bashrc: source <(fleet completion bash)
_fleet() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words="" word
  COMPREPLY=()
  # After --, the command line is another program's.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -- ]] && return; done
  # bash makes = a word of its own. What follows it may be a file.
  [[ $cur == = || \${COMP_WORDS[COMP_CWORD-1]} == = ]] && return
  if ((COMP_CWORD == 1)); then words="${commands.map(({ name }) => name).join(' ')}"; else case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ \${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace
}
complete -o default -F _fleet fleet
`;
}

/** Returns a script for zsh, to `source`, or to put on the fpath as `_fleet`. */
export function zshScript(commands: Commands): string {
  const safe = (text: string) => text.replace(/[[\]\\:]/g, '\\$&');
  const option = (one: Option) => {
    const { name, short, value, pairs, repeat, completes, help } = one;
    const more = repeat || pairs ? '*' : '';
    const action = completes === 'file' ? '_files' : completes ? `(${completes.join(' ')})` : '';
    const argument = value || pairs ? `:${safe(value ?? 'VALUE')}:${action}` : '';
    const long = single(`${more}${flags(one)}${pairs ? '-' : ''}[${safe(brief(help))}]${argument}`);
    return short ? [long, single(`-${short}[same as --${name}]${argument}`)] : [long];
  };
  const cases = commands.map((command) => {
    const words = firstWords(command, commands);
    const operands =
      command.operands === 'command' ? ["'(-)1:command:_command_names -e'", "'*::arguments: _normal'"] : [];
    const first = words.length > 0 ? [single(`1:word:(${words.join(' ')})`)] : [];
    const specs = [
      ...command.options.flatMap(option),
      single('--help[Shows the manual page]'),
      ...first,
      ...operands,
    ];
    return `    ${command.name})\n      _arguments -S ${specs.join(' \\\n        ')} ;;`;
  });
  const names = commands.map(({ name, summary }) => `    ${single(`${name}:${safe(summary)}`)}`);
  return `#compdef fleet
# zsh completion for fleet; in ~/.zshrc: source <(fleet completion zsh)
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
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _fleet ]]; then _fleet "$@"; else compdef _fleet fleet; fi
`;
}

/** Returns a script for fish, to be saved as `completions/fleet.fish`. */
export function fishScript(commands: Commands): string {
  const lines = commands.flatMap((command) => {
    const { name, summary, options } = command;
    const here = `complete -c fleet -n '__fish_seen_subcommand_from ${name}'`;
    const words = firstWords(command, commands);
    return [
      `complete -c fleet -n __fish_use_subcommand -a ${name} -d ${single(summary)}`,
      ...(words.length > 0 ? [`${here} -a ${single(words.join(' '))}`] : []),
      ...options.map((option) => `${here} ${fishOption(option)} -d ${single(brief(option.help))}`),
    ];
  });
  return `# fish completion for fleet: fleet completion fish > ~/.config/fish/completions/fleet.fish
complete -c fleet -f
${lines.join('\n')}
`;
}

function fishOption({ name, short, value, pairs, completes }: Option): string {
  const takes =
    completes === 'file'
      ? ' -r -F'
      : completes
        ? ` -x -a ${single(completes.join(' '))}`
        : value
          ? ' -x'
          : '';
  return `-l ${name}${pairs ? '.' : ''}${short ? ` -s ${short}` : ''}${takes}`;
}
