#!/bin/sh
# walls.sh LAYER ALLOWED,LAYERS DIR:DIR...   compiles, with the include path of LAYER, one file for each other layer:
# what is allowed must compile, what is not must fail because the header is not found, and for no other reason.
set -u
layer=$1 allowed=,$2, path=$3
set --
IFS=:
for folder in $path; do set -- "$@" "-I$folder"; done
unset IFS
cxx=${LOBULE_CXX:-c++}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0 tried=0
for other in base model tissue engine study trial io app; do
    # Any header of the layer does. The smallest one is the quickest.
    header=$(cd "$LOBULE_HOME/src/$other/include" 2>/dev/null && ls -Sr "$other"/*.hpp 2>/dev/null | head -n 1)
    [ -n "$header" ] || continue
    tried=$((tried + 1))
    printf '#include "%s"\n' "$header" >"$work/try.cpp"
    "$cxx" -std=c++20 -fsyntax-only "$@" "$work/try.cpp" >"$work/log" 2>&1
    status=$?
    case $allowed in
    *,$other,*)
        if [ "$status" -ne 0 ]; then
            echo "$layer must be able to include \"$header\", but:"
            cat "$work/log"
            failed=1
        fi ;;
    *)
        if [ "$status" -eq 0 ]; then
            echo "$layer must not be able to include \"$header\", but it compiles"
            failed=1
        elif ! grep -q "$header: No such file" "$work/log"; then
            echo "$layer cannot include \"$header\", but for another reason than its include path:"
            cat "$work/log"
            failed=1
        fi ;;
    esac
done
echo "$layer: $tried includes tried"
exit "$failed"
