@echo off
rem Builds the program if it is missing, then runs it. After changing sources, delete artifacts\taste.
setlocal
set root=%~dp0
set processor=x64
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set processor=arm64
set program=%root%artifacts\taste\taste.exe
if not exist "%program%" (
  where dotnet >nul 2>nul || (echo error: 'dotnet' is needed to build taste. Install the .NET SDK 10, then run this again. 1>&2 & exit /b 2)
  where npm >nul 2>nul || (echo error: 'npm' is needed to build taste. Install Node.js, then run this again. 1>&2 & exit /b 2)
  echo Building taste ^(once^) ... 1>&2
  dotnet publish "%root%src\Tastemaker.App" -c Release -o "%root%artifacts\taste" -v quiet --nologo -r win-%processor% --no-self-contained -p:PublishReadyToRun=true 1>&2 || exit /b 2
)
"%program%" %*
