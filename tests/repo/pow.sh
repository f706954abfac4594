#!/bin/sh
# The solver's pow is ours: the program defines pow and asks no library for it, so CVODE, linked from its static archive,
# takes the same steps on CPUs with and without FMA.
set -u
[ -x "$LOBULE" ] || { echo "no program at $LOBULE"; exit 77; }
symbols=$(nm "$LOBULE") || exit 1
if ! printf '%s\n' "$symbols" | grep -q ' T pow$'; then
    echo "the program does not define pow"
    exit 1
fi
if printf '%s\n' "$symbols" | grep -E ' U pow(@|$)'; then
    echo "the program takes pow from a library"
    exit 1
fi
# The shared libraries that call pow get ours too, because the dynamic linker looks at the program first.
if ! nm -D "$LOBULE" | grep -q ' T pow$'; then
    echo "the program does not export pow"
    exit 1
fi
if ldd "$LOBULE" | grep sundials; then
    echo "SUNDIALS is linked as a shared library"
    exit 1
fi
