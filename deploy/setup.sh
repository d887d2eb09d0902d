#!/bin/sh
# Finds a Python that really runs (the shims of pyenv may lie) and lets it build the environments.
cd "$(dirname "$0")/.." || exit 1

good() {
    "$1" -c 'import sys, ssl, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for python in "${HOTLINE_PYTHON:-}" .venv/tools/bin/python python3 python3.12 python3.11 python3.13 python3.14 python \
    /usr/bin/python3 /usr/local/bin/python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9].*/bin/python; do
    if [ -n "$python" ] && good "$python"; then
        exec "$python" -m deploy.setup "$@"
    fi
done

echo "没有找到能用的 Python 3.11 或更新的版本。" >&2
echo "请安装它（Debian/Ubuntu：apt install python3 python3-venv），或用 HOTLINE_PYTHON=/路径/python3 指明在哪里。" >&2
exit 1
