# 核对这个盘：少了什么、变了什么、多了什么。双击 verify.cmd 运行。PowerShell 2（Windows 7 自带）以上都行。
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $MyInvocation.MyCommand.Path
$root = $root.TrimEnd('\') + '\'
if (-not (Test-Path -LiteralPath ($root + 'SHA256SUMS'))) { Write-Output '没有 SHA256SUMS，不像本馆做的盘，或第一次复制没有做完。'; exit 2 }
# 是不是链接，或要经过链接：链接通到盘的外面，不是盘上的文件。PowerShell 5 以上认得出链接的种类。
function Test-Link($path) {
  $place = $root.TrimEnd('\')
  foreach ($part in $path.Split('/')) {
    $place = $place + '\' + $part
    try { $found = [IO.File]::GetAttributes($place) } catch { return $false }
    if (-not ($found -band [IO.FileAttributes]::ReparsePoint)) { continue }
    if (($PSVersionTable.PSVersion.Major -lt 5) -or (Get-Item -LiteralPath $place -Force).LinkType) { return $true }
  }
  return $false
}
foreach ($paper in 'SHA256SUMS', 'manifest.json', '.archive') {
  if (Test-Link $paper) { Write-Output "与原来不同：$paper 是一个链接，通到盘的外面。请重新做一遍这个盘。"; exit 1 }
}
$pending = Test-Path -LiteralPath ($root + '.archive\commit.json')
if ($pending) { Write-Output '上次更新没有做完：盘还能打开；再做一遍更新就换完。' }
$known = @{ 'SHA256SUMS' = $true; 'manifest.sig' = $true }
$lines = [IO.File]::ReadAllLines($root + 'SHA256SUMS', [Text.Encoding]::UTF8)
# 清单里每个文件占一行大小：缩进三格，后面是数字。题名写成什么样，也成不了这样的一行。
$files = 0
if ([IO.File]::Exists($root + 'manifest.json')) { $files = ([regex]'(?m)^   "size": [0-9]+,$').Matches([IO.File]::ReadAllText($root + 'manifest.json', [Text.Encoding]::UTF8)).Count }
if (@($lines | Where-Object { $_ -match '^[0-9a-f]{64}  ' }).Count -ne $files + 1) { Write-Output 'SHA256SUMS 不完整，核对不了。请重新做一遍这个盘。'; exit 1 }
$missing = 0; $changed = 0
$sha = New-Object Security.Cryptography.SHA256Managed
foreach ($line in $lines) {
  if ($line.Length -lt 67) { continue }
  $want = $line.Substring(0, 64); $path = $line.Substring(66)
  $known[$path] = $true
  if (Test-Link $path) { Write-Output "与原来不同：$path"; $changed++; continue }
  $file = $root + $path.Replace('/', '\')
  if (-not [IO.File]::Exists($file)) { Write-Output "缺：$path"; $missing++; continue }
  try { $stream = [IO.File]::OpenRead($file) } catch { Write-Output "读不出来：$path"; $changed++; continue }
  $have = [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLower()
  $stream.Close()
  if ($have -ne $want) { Write-Output "与原来不同：$path"; $changed++ }
}
Get-ChildItem -LiteralPath $root -Recurse -Force -ErrorAction SilentlyContinue | Where-Object { -not $_.PSIsContainer } | ForEach-Object {
  $path = $_.FullName.Substring($root.Length).Replace('\', '/')
  if (-not $known.ContainsKey($path) -and $path -notmatch '^(\.archive|System Volume Information|\$RECYCLE\.BIN|LOST\.DIR|\.Trashes|\.Spotlight-V100|\.fseventsd)/') { Write-Output "不是本馆的：$path" }
}
if ($missing + $changed -gt 0) { Write-Output "不完整：缺 $missing 个，变了 $changed 个。请重新做一遍这个盘。"; exit 1 }
if ($pending) { exit 1 }
Write-Output '完整。'
