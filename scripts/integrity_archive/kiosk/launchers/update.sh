#!/bin/sh
# 更新一块屏：从共用的文件夹取新版本。  sh update.sh 来源 [目标]
# 来源可以是本机的文件夹，也可以是 rsync 认得的 用户@主机:路径。
# 先取新版本的文件，最后才换 current.js；中途断了，屏上还是旧版，再运行一次就接着取。
set -eu
if [ $# -lt 1 ]; then echo "用法：sh update.sh 来源 [目标]" >&2; exit 2; fi
from=${1%/}
to=${2:-$(cd "$(dirname "$0")/.." && pwd)}
mkdir -p "$to/e"
to=$(cd "$to" && pwd)
# 与旧版本内容相同的文件不再传，也不多占地方：在新文件夹里做硬链接。
set --
for old in "$to"/e/*/; do
  if [ -d "$old" ]; then set -- "$@" "--link-dest=$old"; fi
done
if ! listed=$(rsync --list-only "$from/e/"); then
  echo "到不了来源 $from，或者它不是触摸屏的文件夹（里面要有 e）。屏上还是旧版。" >&2
  exit 1
fi
ids=$(printf '%s\n' "$listed" | awk '{print $NF}' | grep -E '^[0-9a-f]{12}$' || true)
if [ -z "$ids" ]; then
  echo "来源里没有版本：$from/e 是空的。先在主机上生成触摸屏版。屏上还是旧版。" >&2
  exit 1
fi
# 屏上现在这一版从此刻起算旧：记在它文件夹的时间上。
shown=$(sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' "$to/current.js" 2>/dev/null || true)
if [ -n "$shown" ] && [ -d "$to/e/$shown" ]; then touch "$to/e/$shown"; fi
for id in $ids; do
  rsync -rlp --checksum --partial-dir=.partial --delay-updates "$@" "$from/e/$id/" "$to/e/$id/"
done
rsync -a --exclude=/e --exclude=/current.js "$from/" "$to/"
rsync -a "$from/current.js" "$to/current.js"
# 旧版本等换过去以后才删；一天以内还用过的留着，也许正有人在看。
# 旧版本里有、新版本里没有的页和图，是撤下的：这样的旧版本马上删，屏上半分钟内自己换过去。
files() { sed 's/^[^[]*\[//; s/\].*$//' "$1/zz-files.js" | tr ',' '\n' | grep -Ev '^"(assets|search)/' | sort; }
current=$(sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' "$to/current.js")
list=$(mktemp)
trap 'rm -f "$list"' EXIT
files "$to/e/$current" > "$list"
for old in "$to"/e/*/; do
  name=$(basename "$old")
  if ! printf '%s\n' "$name" | grep -qE '^[0-9a-f]{12}$' || [ -L "${old%/}" ] || [ ! -f "$old/zz-files.js" ]; then continue; fi
  case " $(echo $ids) " in *" $name "*) continue ;; esac
  if [ -n "$(find "$old" -maxdepth 0 -mtime +0)" ] || files "$old" | grep -qvxFf "$list"; then rm -rf "$old"; fi
done
