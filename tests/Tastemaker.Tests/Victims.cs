using System.Diagnostics;

namespace Tastemaker.Tests;

/// <summary>Processes of this program that run one explicit test of a class, and are killed while they do; disposed, all are dead.</summary>
internal sealed class Victims(Type test, string method) : IDisposable
{
    private readonly List<Process> _started = [];

    public IReadOnlyList<Process> Started => _started;

    public void Start(params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(test.Assembly.Location);
        }

        foreach (var argument in new[] { "--explicit", "only", "--filter-method", $"{test.FullName}.{method}" })
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _started.Add(Process.Start(start)!);
    }

    /// <summary>Until the condition holds of each; one that ends before fails the test with what it said.</summary>
    public async Task WaitFor(Func<Process, bool> condition)
    {
        while (!_started.TrueForAll(victim => condition(victim)))
        {
            if (_started.Find(p => p.HasExited) is { } dead)
            {
                Assert.Fail($"A victim ended by itself: {await dead.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)}");
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        _started.ForEach(victim => victim.Kill());
        _started.ForEach(victim => victim.Dispose());
    }
}
