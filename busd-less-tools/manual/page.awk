# Makes the manual page of a tool, for scdoc: out of what the tool says itself with --help, and of what its
# manual.scd adds: in its first line what the tool is for, then what --help has no room for.
#
# usage: awk -v tool=NAME -v version=VERSION -v docs=FOLDER -f page.awk manual.scd HELP

function plain(text) { # as it stands, whatever scdoc would make of it
    gsub(/[\\*_]/, "\\\\&", text)
    sub(/^[-#|.`]/, "\\\\&", text)
    sub(/^\[/, "\\[", text)
    return text
}

function values(text) { # the words in capitals stand for something
    gsub(/[A-Z]+/, "_&_", text)
    return text
}

# The words before two blanks and those behind them, in `pair`.
function split_at_gap(line, pair) {
    sub(/^ +/, "", line)
    pair[1] = line
    pair[2] = ""
    if (match(line, /  +/)) {
        pair[1] = substr(line, 1, RSTART - 1)
        pair[2] = substr(line, RSTART + RLENGTH)
    }
}

function add_about(line) {
    if (line ~ /^  /) {
        split_at_gap(line, pair)
        about = about "\n\n*" plain(pair[1]) "*\n\t" plain(pair[2]) "\n"
    } else {
        about = about (about ~ /\t[^\n]*\n$/ ? "\n" : "") (about ~ /\n$|^$/ ? plain(line) : " " plain(line))
    }
}

function add_option(line) {
    match(line, /--[a-z-]+(=[^ ]+)?/)
    long = substr(line, RSTART, RLENGTH)
    text = substr(line, RSTART + RLENGTH)
    sub(/^ +/, "", text)
    name = value = long
    sub(/=.*/, "", name)
    sub(/^[^=]*/, "", value)
    options = options "\n\n" (line ~ /^  -/ ? "*" substr(line, 3, 2) "*, " : "") "*" name "*" values(plain(value)) \
        "\n\t" plain(text)
}

function add_example(line) {
    split_at_gap(line, pair)
    examples = examples (pair[2] != "" ? plain(pair[2]) (pair[2] ~ /[?.]$/ ? "" : ":") "\n\n" : "") "```\n    " pair[1] "\n```\n\n"
}

function add_exits(line) { # "0 done, 1 failed", or with semicolons where a meaning has a comma
    one = line ~ /;/ ? "[0-9]+ [^;.]+" : "[0-9]+ [^,.]+"
    while (match(line, one)) {
        code = meaning = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        sub(/ .*/, "", code)
        sub(/^[0-9]+ /, "", meaning)
        exits = exits "*" code "*\n\t" plain(meaning) "\n\n"
    }
}

FILENAME ~ /manual\.scd$/ {
    if (FNR == 1) {
        purpose = $0
    } else {
        gsub(/@docs@/, docs)
        more = more $0 "\n"
    }
    next
}
FNR == 1 {
    synopsis = $0
    sub(/^Usage: [^ ]+ /, "", synopsis)
    next
}
/^  (-.,|   ) --[a-z]/ { place = "options" }
/^Examples:$/ { place = "examples"; next }
/^Exit codes: / { place = "exits"; sub(/^Exit codes: /, "") }
/^$/ { next }
place == "" { add_about($0) }
place == "options" && /^ ? ? ? ? ? ?-/ { add_option($0); next }
place == "options" { sub(/^ +/, ""); options = options (options ~ /\t$/ ? "" : " ") plain($0) }
place == "examples" { add_example($0) }
place == "exits" { all_exits = all_exits " " $0 }

END {
    add_exits(all_exits)
    printf "%s(1) \"Autobus %s\" \"Autobus\"\n\n", tool, version
    printf "# NAME\n\n%s - %s\n\n# SYNOPSIS\n\n*%s* %s\n\n", tool, purpose, tool, values(plain(synopsis))
    printf "# DESCRIPTION\n\n%s\n%s\n# OPTIONS%s\n\n", about, more, options
    printf "# EXAMPLES\n\n%s# EXIT STATUS\n\n%s", examples, exits
    printf "# SEE ALSO\n\n*autobus*(1), *autobus*(7), _%s/tools.md_\n", docs
}
