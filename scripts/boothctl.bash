# bash completion of boothctl. boothctl itself lists the possible next words, tickets included.
_boothctl()
{
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} i
  local -a command=(boothctl) words=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket) command+=(--socket "${COMP_WORDS[++i]}") ;;
      --json) ;;
      *) words+=("${COMP_WORDS[i]}") ;;
    esac
  done
  case $previous in
    --socket | -o | backup | restore) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    --line | --name | --phone | --note | --party | --for) COMPREPLY=() ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$("${command[@]}" completion -- "${words[@]}" 2> /dev/null)" -- "$current") ;;
  esac
}
complete -o default -F _boothctl boothctl
