@echo off
chcp 65001 >nul
setlocal
set "PAGE=index.html"
if not "%~1"=="" set "PAGE=%~1"
set "HERE=%~dp0.."
for %%I in ("%HERE%") do set "HERE=%%~fI"
set "TARGET=%HERE%\%PAGE%"
set "PROFILE=%LOCALAPPDATA%\integrity-kiosk"
set "EDGE=%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe"
set "CHROME=%ProgramFiles%\Google\Chrome\Application\chrome.exe"
set "BROWSER="
if exist "%CHROME%" set "BROWSER=%CHROME%"
if exist "%EDGE%" set "BROWSER=%EDGE%"
if "%BROWSER%"=="" (
  echo 没有找到 Edge 或 Chrome。请先装一个。
  pause
  exit /b 1
)
echo 触摸屏已打开。要退出：先关这个窗口，再按 Alt+F4。
:again
start "" /wait "%BROWSER%" --kiosk "%TARGET%" --edge-kiosk-type=fullscreen --user-data-dir="%PROFILE%" --no-first-run --noerrdialogs --disable-session-crashed-bubble --hide-crash-restore-bubble --disable-pinch --overscroll-history-navigation=0 --disable-features=Translate,msEdgeSidebarV2 --autoplay-policy=no-user-gesture-required
timeout /t 2 /nobreak >nul
goto again
