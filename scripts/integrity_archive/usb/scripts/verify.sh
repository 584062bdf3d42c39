#!/bin/sh
# 核对这个盘：少了什么、变了什么、多了什么。  sh verify.sh
cd "$(dirname "$0")" || exit 2
if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; elif command -v shasum >/dev/null 2>&1; then sum="shasum -a 256"; else
  echo "这台电脑上没有 sha256sum，核对不了。" >&2; exit 2
fi
# 是不是链接，或要经过链接：链接通到盘的外面，不是盘上的文件。
linked() {
  rest=$1
  while :; do
    [ -L "$rest" ] && return 0
    case $rest in */*) rest=${rest%/*} ;; *) return 1 ;; esac
  done
}
for paper in SHA256SUMS manifest.json .archive; do
  if linked "$paper"; then echo "与原来不同：$paper 是一个链接，通到盘的外面。请重新做一遍这个盘。"; exit 1; fi
done
if [ ! -f SHA256SUMS ]; then echo "没有 SHA256SUMS，不像本馆做的盘，或第一次复制没有做完。" >&2; exit 2; fi
[ -f .archive/commit.json ] && echo "上次更新没有做完：盘还能打开；再做一遍更新就换完。"
files=0
# 清单里每个文件占一行大小：缩进三格，后面是数字。题名写成什么样，也成不了这样的一行。
[ -f manifest.json ] && files=$(grep -c '^   "size": [0-9][0-9]*,$' manifest.json 2>/dev/null)
if [ "$(grep -c '^[0-9a-f]\{64\}  ' SHA256SUMS)" != "$((files + 1))" ]; then echo "SHA256SUMS 不完整，核对不了。请重新做一遍这个盘。"; exit 1; fi
missing=0 changed=0
while read -r want path; do
  if linked "$path"; then echo "与原来不同：$path"; changed=$((changed + 1)); continue; fi
  if [ ! -f "$path" ]; then echo "缺：$path"; missing=$((missing + 1)); continue; fi
  have=$($sum < "$path" | cut -d' ' -f1)
  if [ "$have" != "$want" ]; then echo "与原来不同：$path"; changed=$((changed + 1)); fi
done < SHA256SUMS
list=$(mktemp) || exit 2
sed 's/^[0-9a-f]*  //' SHA256SUMS | sort > "$list"
find . ! -type d ! -path './.archive/*' ! -path './System Volume Information/*' ! -path './$RECYCLE.BIN/*' ! -path './LOST.DIR/*' ! -path './.Trashes/*' ! -path './.Spotlight-V100/*' ! -path './.fseventsd/*' ! -path ./SHA256SUMS ! -path ./manifest.sig | sed 's/^\.\///' | sort | while IFS= read -r path; do
  grep -qxF -- "$path" "$list" || echo "不是本馆的：$path"
done
rm -f "$list"
if [ $((missing + changed)) -gt 0 ]; then echo "不完整：缺 $missing 个，变了 $changed 个。请重新做一遍这个盘。"; exit 1; fi
[ -f .archive/commit.json ] && exit 1
echo "完整。"
