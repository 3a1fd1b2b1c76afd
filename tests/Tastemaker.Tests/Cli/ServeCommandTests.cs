using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Tastemaker.Tests.Core.Painting;

namespace Tastemaker.Tests.Cli;

public sealed class ServeCommandTests : IDisposable
{
    private readonly TestStudio _studio = new();

    public void Dispose() => _studio.Dispose();

    [Fact]
    public async Task It_prints_its_address_and_an_interrupt_ends_it_well()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No way to send another process an interrupt on Windows.");
        var (cancel, home) = (TestContext.Current.CancellationToken, _studio.Folder.Folder("home"));
        using var program = Taste.StartAt(home, "--studio", _studio.Studio.Root, "serve", "--port", "0", _studio.Folder.Folder("pictures"));
        var address = (await program.StandardOutput.ReadLineAsync(cancel))!;
        Assert.Matches("^http://127.0.0.1:[0-9]+/$", address);
        using var client = new HttpClient();
        Assert.Contains("<html", await client.GetStringAsync(new Uri(address), cancel), StringComparison.Ordinal);

        Process.Start("kill", ["-INT", $"{program.Id}"]).Dispose();
        await program.WaitForExitAsync(cancel);

        Assert.Equal(0, program.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (code, output, error) = await _studio.Run("serve", "--port", $"{port}");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Equal($"error: port {port} is in use by another program, which may be another 'taste serve'. Stop that one, or take another port with '--port'.\n", error.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("--port", "70000", "--port 70000 is no port; 0 to 65535 are.")]
    [InlineData("--host", "my host", "--host 'my host' is no IP address")]
    [InlineData("--host", "192.0.2.1", "nothing can listen on 192.0.2.1 port")] // Of RFC 5737: no machine has it.
    [InlineData("--encoder", "nonsense", "nonsense")]
    public async Task An_option_that_cannot_be_is_refused(string option, string value, string part)
    {
        var (code, _, error) = await _studio.Run("serve", option, value);

        Assert.Equal(2, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_paint_is_refused_before_anything_is_served()
    {
        var (code, _, error) = await _studio.Run("serve", "--port", "0", "--checkpoint", _studio["nothing.safetensors"]);

        Assert.Equal(2, code);
        Assert.Contains("nothing.safetensors", error, StringComparison.Ordinal);

        (code, _, error) = await _studio.Run("serve", "--port", "0", "--paint-to", _studio["out"]);

        Assert.Equal(2, code);
        Assert.Equal("error: --paint-to is a folder for painted pictures; say with --checkpoint what paints them.\n", error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task It_paints_with_a_checkpoint_into_the_folder_that_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No way to send another process an interrupt on Windows.");
        var cancel = TestContext.Current.CancellationToken;
        using var checkpoint = new TinyCheckpoint();
        using var program = Taste.Start("--studio", _studio.Studio.Root, "serve", "--port", "0", "--checkpoint", checkpoint.Path, "--device", "cpu", "--paint-to", _studio["out"]);
        using var client = new HttpClient { BaseAddress = new((await program.StandardOutput.ReadLineAsync(cancel))!) };

        using var answer = await client.PostAsJsonAsync("/api/paint", new { prompt = "a cat", seed = 4, width = 16, height = 16, steps = 2, count = 3 }, cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        while (!Directory.Exists(_studio["out"]) || Directory.GetFiles(_studio["out"], "*.png").Length < 3)
        {
            Assert.False(program.HasExited, "the server ended.");
            await Task.Delay(20, cancel);
        }

        Process.Start("kill", ["-INT", $"{program.Id}"]).Dispose();
        await program.WaitForExitAsync(cancel);
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task A_list_from_stdin_is_refused()
    {
        var (code, _, error) = await _studio.Run("serve", "-");

        Assert.Equal(2, code);
        Assert.Contains("'-' stands for a list", error, StringComparison.Ordinal);
    }
}
