# Completion for autobus and autobus-ls in bash. The options are read from --help, the types from the network.

_autobus_types() {
    "$1" --all --quiet --color=never --timeout=0.3 2>/dev/null | sed 's/  .*//' | sort -u
}

_autobus_complete() {
    local tool=$1 word=$2 previous=$3
    case $previous in
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$word")) && return ;;
    --discovery) COMPREPLY=($(compgen -W "broadcast avahi none" -- "$word")) && return ;;
    --interfaces) COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$word")) && return ;;
    --key | -k | --timeout | -t | --port | --peers) return ;;
    esac
    case $word in
    -*) COMPREPLY=($(compgen -W "$("$tool" --help 2>/dev/null | grep -o -e '--[a-z]\+')" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$(_autobus_types "$tool")" -- "$word")) ;;
    esac
}

_autobus_ls() {
    _autobus_complete "$1" "$2" "$3"
}

_autobus() {
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "$("$1" --help 2>/dev/null | sed -n 's/^  autobus //p') help" -- "$2"))
    else
        _autobus_complete "$1-${COMP_WORDS[1]}" "$2" "$3"
    fi
}

complete -F _autobus autobus
complete -F _autobus_ls autobus-ls
