#!/bin/sh
# 触摸屏：全屏打开本文件夹，浏览器退出或崩溃就再打开。  sh kiosk.sh [index.html|signage.html]
# 要停下来，运行同一个文件夹里的 stop.sh。
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
page=${1:-index.html}
profile=${XDG_DATA_HOME:-$HOME/.local/share}/integrity-kiosk

browser=
for name in chromium chromium-browser google-chrome google-chrome-stable microsoft-edge; do
  if command -v "$name" >/dev/null 2>&1; then browser=$name; break; fi
done
if [ -z "$browser" ]; then
  echo "没有找到浏览器。先装一个：sudo apt install chromium" >&2
  exit 1
fi

# 路径里的中文和空格写成网址的样子。
url=$(printf '%s' "$here/$page" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g; s/%2f/\//g')

mkdir -p "$profile"
rm -f "$profile/stop"
if command -v xset >/dev/null 2>&1; then xset s off -dpms s noblank 2>/dev/null || true; fi
while [ ! -e "$profile/stop" ]; do
  # 服务可能比桌面先启动：桌面起来以后，从 systemd 那里问到它在哪块屏上。
  if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v systemctl >/dev/null 2>&1; then
    for name in DISPLAY WAYLAND_DISPLAY XAUTHORITY; do
      value=$(systemctl --user show-environment 2>/dev/null | sed -n "s/^$name=//p")
      if [ -n "$value" ]; then export "$name=$value"; fi
    done
  fi
  # 断电后浏览器会问要不要恢复上次的页面；不问。
  preferences=$profile/Default/Preferences
  if [ -f "$preferences" ]; then
    sed -i 's/"exited_cleanly":false/"exited_cleanly":true/; s/"exit_type":"[^"]*"/"exit_type":"Normal"/' "$preferences"
  fi
  "$browser" --kiosk --user-data-dir="$profile" --no-first-run --noerrdialogs --disable-infobars \
    --disable-session-crashed-bubble --disable-translate --disable-features=Translate,TouchpadOverscrollHistoryNavigation \
    --overscroll-history-navigation=0 --disable-pinch --autoplay-policy=no-user-gesture-required \
    --check-for-update-interval=31536000 --disable-component-update --password-store=basic \
    ${KIOSK_FLAGS:-} "file://$url"
  if [ ! -e "$profile/stop" ]; then sleep 2; fi
done
