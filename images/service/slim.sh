#!/bin/sh
# Takes out of a folder of installed libraries what only their developers and a command line of theirs need.
set -eu
cd "$1"

find . -type f \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.pyx' \) -delete
find . -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +
find . -type f -name '*.so*' -exec strip --strip-unneeded {} +

# Made-up examples and coloured commands of litestar's; Souk documents without the first and never runs the second.
rm -rf bin faker polyfactory pygments rich rich_click
