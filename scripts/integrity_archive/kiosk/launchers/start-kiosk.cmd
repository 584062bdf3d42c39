@echo off
chcp 65001 >nul
setlocal
set "PAGE=index.html"
if not "%~1"=="" set "PAGE=%~1"
set "HERE=%~dp0.."
for %%I in ("%HERE%") do set "HERE=%%~fI"
set "TARGET=%HERE%\%PAGE%"
set "PROFILE=%LOCALAPPDATA%\integrity-kiosk"
set "BROWSER="
for %%D in ("%ProgramFiles(x86)%" "%ProgramFiles%" "%LOCALAPPDATA%") do (
  if not defined BROWSER if exist "%%~D\Microsoft\Edge\Application\msedge.exe" set "BROWSER=%%~D\Microsoft\Edge\Application\msedge.exe"
)
for %%D in ("%ProgramFiles%" "%ProgramFiles(x86)%" "%LOCALAPPDATA%") do (
  if not defined BROWSER if exist "%%~D\Google\Chrome\Application\chrome.exe" set "BROWSER=%%~D\Google\Chrome\Application\chrome.exe"
)
if not defined BROWSER (
  echo 没有找到 Edge 或 Chrome。请先装一个。
  pause
  exit /b 1
)
rem 路径里的中文、空格、# 和百分号写成网址的样子。
set "URL="
for /f "usebackq delims=" %%U in (`powershell -NoProfile -Command "'file:///' + (($env:TARGET -split '[\\]' | ForEach-Object { [uri]::EscapeDataString($_) }) -join '/').Replace('%%3A', ':')"`) do set "URL=%%U"
if not defined URL set "URL=%TARGET%"
if not exist "%PROFILE%" mkdir "%PROFILE%"
if exist "%PROFILE%\stop" del "%PROFILE%\stop"
echo 触摸屏已打开。要停下来：双击同一个文件夹里的 stop.cmd。
:again
start "" /wait "%BROWSER%" --kiosk "%URL%" --edge-kiosk-type=fullscreen --user-data-dir="%PROFILE%" --no-first-run --noerrdialogs --disable-session-crashed-bubble --hide-crash-restore-bubble --disable-pinch --overscroll-history-navigation=0 --disable-features=Translate,msEdgeSidebarV2 --autoplay-policy=no-user-gesture-required
if exist "%PROFILE%\stop" exit /b 0
timeout /t 2 /nobreak >nul
if exist "%PROFILE%\stop" exit /b 0
goto again
