@echo off
chcp 65001 >nul
setlocal
set "PROFILE=%LOCALAPPDATA%\integrity-kiosk"
if not exist "%PROFILE%" mkdir "%PROFILE%"
echo stop> "%PROFILE%\stop"
powershell -NoProfile -ExecutionPolicy Bypass -Command "Get-CimInstance Win32_Process | Where-Object { $_.Name -match '^(chrome|msedge)\.exe$' -and $_.CommandLine -and $_.CommandLine.Contains($env:PROFILE) } | ForEach-Object { Stop-Process -Id $_.ProcessId -Force -ErrorAction SilentlyContinue }"
echo 触摸屏已停下。再打开：双击 start-kiosk.cmd。
timeout /t 5 >nul
