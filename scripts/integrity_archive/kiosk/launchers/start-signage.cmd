@echo off
call "%~dp0start-kiosk.cmd" signage.html
