@echo off
rem Builds what is missing or older than its sources, then runs the program.
setlocal
set root=%~dp0
set program=%root%artifacts\bin\Tastemaker.App\release\taste.exe
where dotnet >nul 2>nul || (echo error: 'dotnet' is needed. Install the .NET SDK 10, then run this again. 1>&2 & exit /b 2)
if not exist "%program%" (
  where npm >nul 2>nul || (echo error: 'npm' is needed to build taste. Install Node.js, then run this again. 1>&2 & exit /b 2)
  echo Building taste ^(once^) ... 1>&2
)
dotnet build "%root%src\Tastemaker.App" -c Release -v quiet --nologo 1>&2 || exit /b 2
"%program%" %*
