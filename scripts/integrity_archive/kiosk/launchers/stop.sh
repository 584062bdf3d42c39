#!/bin/sh
# 停下触摸屏：关掉浏览器，不再打开，直到再运行 kiosk.sh 或重新开机。  sh stop.sh
set -u
profile=${XDG_DATA_HOME:-$HOME/.local/share}/integrity-kiosk
mkdir -p "$profile"
: > "$profile/stop"
if command -v systemctl >/dev/null 2>&1; then systemctl --user stop integrity-kiosk 2>/dev/null || true; fi
# 只关这个文件夹的浏览器，别的窗口不动。
for process in /proc/[0-9]*; do
  if tr '\0' '\n' 2>/dev/null < "$process/cmdline" | grep -qxF -e "--user-data-dir=$profile"; then
    kill "${process#/proc/}" 2>/dev/null || true
  fi
done
echo "触摸屏已停下。再打开：sh $(dirname "$0")/kiosk.sh"
