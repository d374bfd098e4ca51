#compdef autobus -p autobus-*
# Completion for autobus and its tools in zsh. What there is to complete, complete.sh says for every shell.

local rules=${functions_source[_autobus]:A:h}/../../autobus/complete.sh
local found line code
local -a described

found=$(sh $rules "${(@Q)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)
code=$?
if (( code == 3 )); then
    _files
    return
fi
for line in ${(f)found}; do
    described+=("${${line%%$'\t'*}//:/\\:}${${(M)line%$'\t'*}/$'\t'/:}")
done
_describe -V candidate described
