# 核对这个盘：少了什么、变了什么、多了什么。双击 verify.cmd 运行。
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath $PSScriptRoot
if (-not (Test-Path -LiteralPath 'SHA256SUMS')) { Write-Output '没有 SHA256SUMS，不像本馆做的盘，或第一次复制没有做完。'; exit 2 }
$pending = Test-Path -LiteralPath '.archive/commit.json'
if ($pending) { Write-Output '上次更新没有做完：盘还能打开；再做一遍更新就换完。' }
$known = @{}
$missing = 0; $changed = 0
foreach ($line in [IO.File]::ReadAllLines((Join-Path $PSScriptRoot 'SHA256SUMS'), [Text.Encoding]::UTF8)) {
  if ($line.Length -lt 67) { continue }
  $want = $line.Substring(0, 64); $path = $line.Substring(66)
  $known[$path] = $true
  if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { Write-Output "缺：$path"; $missing++; continue }
  $sha = [Security.Cryptography.SHA256]::Create()
  $stream = [IO.File]::OpenRead((Join-Path $PSScriptRoot $path))
  $have = ([BitConverter]::ToString($sha.ComputeHash($stream)) -replace '-', '').ToLower()
  $stream.Close()
  if ($have -ne $want) { Write-Output "与原来不同：$path"; $changed++ }
}
Get-ChildItem -LiteralPath $PSScriptRoot -Recurse -File | ForEach-Object {
  $path = $_.FullName.Substring($PSScriptRoot.TrimEnd('\').Length + 1) -replace '\\', '/'
  if (-not $known.ContainsKey($path) -and $path -notmatch '^(\.archive/|System Volume Information/|SHA256SUMS$|manifest\.json$)') { Write-Output "不是本馆的：$path" }
}
if ($missing + $changed -gt 0) { Write-Output "不完整：缺 $missing 个，变了 $changed 个。请重新做一遍这个盘。"; exit 1 }
if ($pending) { exit 1 }
Write-Output '完整。'
